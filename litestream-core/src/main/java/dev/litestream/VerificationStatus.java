package dev.litestream;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The results of verifying a database's backup. The results survive a restart of the
 * application; the counters do not.
 *
 * @param last the last verification, whatever its point and outcome, or {@code null}
 * @param lastVerified the last verification that proved the newest state: its
 * {@code txid} is the last proven restorable point; or {@code null}
 * @param failure the last failure, unless a later verification succeeded, or {@code null}
 * @param verified verifications that proved their point, since the start
 * @param failed verifications that failed, since the start
 * @param skipped verifications that could not run, since the start
 * @param took time spent in all of them, since the start
 */
public record VerificationStatus(@Nullable VerificationResult last, @Nullable VerificationResult lastVerified,
		@Nullable VerificationResult failure, long verified, long failed, long skipped, Duration took) {

	/** Nothing has been verified yet. */
	public static final VerificationStatus NONE = new VerificationStatus(null, null, null, 0, 0, 0, Duration.ZERO);

	/**
	 * The status after one more verification.
	 * @param result its result
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
	 * The status without its failure, for example because the point that failed no longer
	 * exists.
	 * @return the new status
	 */
	public VerificationStatus withoutFailure() {
		return new VerificationStatus(this.last, this.lastVerified, null, this.verified, this.failed, this.skipped,
				this.took);
	}

}
