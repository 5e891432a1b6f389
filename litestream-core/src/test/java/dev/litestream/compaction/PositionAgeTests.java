package dev.litestream.compaction;

import java.time.Duration;
import java.time.Instant;

import dev.litestream.Txid;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is old, for certain, whatever the clock does.
 */
class PositionAgeTests {

	private static final Duration RETENTION = Duration.ofMinutes(16);

	private static final Duration ONE_PART = Duration.ofMinutes(1);

	private static final Duration MOMENT = Duration.ofMillis(1);

	private final TestTime time = new TestTime();

	private PositionAge age;

	@BeforeEach
	void start() {
		// elapsed time has no zero that means anything
		this.time.advance(Duration.ofHours(3));
		this.age = new PositionAge(RETENTION, this.time, this.time::nanos);
	}

	@Test
	void nothingIsOldBeforeAnythingIsKnown() {
		assertThat(this.age.isOld(Txid.FIRST, Instant.EPOCH)).isFalse();
	}

	@Test
	void aTimestampIsOldOnceTheRetentionTimeHasPassed() {
		Instant written = this.time.instant();
		this.age.observe(new Txid(1), written);
		this.time.advance(RETENTION);
		// not known for so long: it was found in the replica
		assertThat(this.age.isOld(new Txid(2), written)).isFalse();
		this.time.advance(MOMENT);
		assertThat(this.age.isOld(new Txid(2), written)).isTrue();
		assertThat(this.age.isOld(new Txid(2), written.plus(MOMENT))).isFalse();
	}

	@Test
	void whatWasKnownForTheRetentionTimeIsOldWhateverItsTimestamp() {
		Instant future = this.time.instant().plus(Duration.ofDays(100));
		this.age.observe(new Txid(5), future);
		this.time.advance(RETENTION.minus(MOMENT));
		assertThat(this.age.isOld(new Txid(5), future)).isFalse();
		this.time.advance(MOMENT);
		assertThat(this.age.isOld(new Txid(5), future)).isTrue();
		assertThat(this.age.isOld(new Txid(4), future)).isTrue();
		assertThat(this.age.isOld(new Txid(6), future)).as("written later").isFalse();
	}

	/** Else nothing would ever be old while there are commits. */
	@Test
	void positionsGrowOldOneAfterTheOther() {
		Instant future = this.time.instant().plus(Duration.ofDays(100));
		for (int minute = 1; minute <= 40; minute++) {
			this.age.observe(new Txid(minute), future);
			this.time.advance(ONE_PART);
		}
		assertThat(this.age.isOld(new Txid(24), future)).isTrue();
		assertThat(this.age.isOld(new Txid(26), future)).isFalse();
	}

	/** Looking often must not put off the next sample. */
	@Test
	void howOftenItIsLookedAtDoesNotMatter() {
		Instant future = this.time.instant().plus(Duration.ofDays(100));
		for (int second = 0; second < 40 * 60; second++) {
			this.age.observe(new Txid(1 + second / 60), future);
			this.time.advance(Duration.ofSeconds(1));
		}
		assertThat(this.age.isOld(new Txid(23), future)).isTrue();
		assertThat(this.age.isOld(new Txid(26), future)).isFalse();
	}

	@Test
	@Hazard("D11")
	void aClockThatJumpsAheadMakesNothingOldUntilThatHasLasted() {
		Instant written = this.time.instant();
		this.age.observe(new Txid(1), written);
		jump(Duration.ofDays(1));
		this.age.observe(new Txid(2), this.time.instant());
		assertThat(this.age.isOld(new Txid(3), written)).isFalse();
		for (int part = 0; part < 15; part++) {
			this.time.advance(ONE_PART);
			this.age.observe(new Txid(3 + part), this.time.instant());
			assertThat(this.age.isOld(new Txid(100), written)).isFalse();
		}
		for (int part = 0; part < 4; part++) {
			this.time.advance(ONE_PART);
			this.age.observe(new Txid(20 + part), this.time.instant());
		}
		assertThat(this.age.isOld(new Txid(100), written)).isTrue();
	}

	@Test
	@Hazard("D11")
	void aClockThatJumpsBackCountsAtOnce() {
		Instant written = this.time.instant();
		this.age.observe(new Txid(1), written);
		this.time.advance(RETENTION.minus(ONE_PART));
		this.age.observe(new Txid(2), written);
		this.time.advance(ONE_PART.minus(MOMENT));
		assertThat(this.age.isOld(new Txid(3), written.minus(Duration.ofMinutes(1)))).isTrue();
		jump(Duration.ofHours(-1));
		assertThat(this.age.isOld(new Txid(3), written.minus(Duration.ofMinutes(1)))).isFalse();
	}

	/** A jump ahead and back within one part of the time is seen by its smallest. */
	@Test
	@Hazard("D11")
	void theSmallestDifferenceCounts() {
		Instant written = this.time.instant();
		jump(Duration.ofDays(1));
		this.age.observe(new Txid(1), this.time.instant());
		this.time.advance(MOMENT);
		jump(Duration.ofDays(-1));
		this.age.observe(new Txid(1), written);
		jump(Duration.ofDays(1));
		this.time.advance(MOMENT);
		this.age.observe(new Txid(1), written);
		assertThat(this.age.isOld(new Txid(2), written)).isFalse();
	}

	/** While nothing ran, nothing has aged yet. */
	@Test
	@Hazard("D11")
	void aPauseOfTheApplicationMakesNothingOldAtOnce() {
		Instant written = this.time.instant().minus(Duration.ofDays(30));
		this.age.observe(new Txid(7), written);
		assertThat(this.age.isOld(new Txid(7), written)).isFalse();
		this.time.advance(RETENTION);
		assertThat(this.age.isOld(new Txid(7), written)).isTrue();
	}

	private void jump(Duration duration) {
		this.time.skew(this.time.skew().plus(duration));
	}

}
