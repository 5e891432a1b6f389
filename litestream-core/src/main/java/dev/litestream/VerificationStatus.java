package dev.litestream;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What is known from verifying a database's backup. The results survive a restart of the
 * application, the counters do not.
 *
 * @param last the last verification, of whatever point and outcome, or {@code null}
 * @param lastVerified the last verification that proved the newest state: its
 * {@code txid} is the last proven restorable point; or {@code null}
 * @param failure the failure that no later success has answered, or {@code null}
 * @param verified verifications that proved their point, since the start
 * @param failed verifications that failed, since the start
 * @param skipped verifications that could not be carried out, since the start
 * @param took time spent in all of them, since the start
 */
public record VerificationStatus(@Nullable VerificationResult last, @Nullable VerificationResult lastVerified,
		@Nullable VerificationResult failure, long verified, long failed, long skipped, Duration took) {

	/** Nothing has been verified yet. */
	public static final VerificationStatus NONE = new VerificationStatus(null, null, null, 0, 0, 0, Duration.ZERO);

	/**
	 * The status after one more verification.
	 * @param result what it found
	 * @return the new status
	 */
	public VerificationStatus and(VerificationResult result) {
		Duration took = this.took.plus(result.took());
		return switch (result.outcome()) {
			case VERIFIED -> new VerificationStatus(result, result.newest() ? result : this.lastVerified,
					answers(result) ? null : this.failure, this.verified + 1, this.failed, this.skipped, took);
			case FAILED -> new VerificationStatus(result, this.lastVerified, result, this.verified, this.failed + 1,
					this.skipped, took);
			case SKIPPED -> new VerificationStatus(result, this.lastVerified, this.failure, this.verified, this.failed,
					this.skipped + 1, took);
		};
	}

	/** A good older point says nothing about a newest state that did not restore. */
	private boolean answers(VerificationResult success) {
		return this.failure == null || this.failure.newest() == success.newest();
	}

	/**
	 * The status without its failure, as when the point that failed does not exist any
	 * more.
	 * @return the new status
	 */
	public VerificationStatus withoutFailure() {
		return new VerificationStatus(this.last, this.lastVerified, null, this.verified, this.failed, this.skipped,
				this.took);
	}

}
