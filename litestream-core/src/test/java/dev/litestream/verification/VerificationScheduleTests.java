package dev.litestream.verification;

import java.time.Duration;
import java.time.Instant;

import dev.litestream.VerificationOutcome;
import dev.litestream.VerificationResult;
import dev.litestream.VerificationStatus;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When the next verification is due.
 */
class VerificationScheduleTests {

	private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");

	@RepeatedTest(10)
	void firstOneComesSoonAfterTheStart() {
		assertDelay("PT24H", null, "PT10M", "PT15M");
		assertDelay("PT1M", null, "PT1M", "PT1M6S");
	}

	@RepeatedTest(10)
	void intervalCountsAcrossARestart() {
		assertDelay("PT24H", last(VerificationOutcome.VERIFIED, "PT-4H"), "PT20H", "PT20H5M");
	}

	@RepeatedTest(10)
	void overdueOneLetsTheApplicationStart() {
		assertDelay("PT24H", last(VerificationOutcome.VERIFIED, "PT-48H"), "PT1M", "PT6M");
	}

	@RepeatedTest(10)
	void whatIsNotProvedIsTriedAgainEarlier() {
		assertDelay("PT24H", last(VerificationOutcome.FAILED, "PT0S"), "PT1H", "PT1H5M");
		assertDelay("PT24H", last(VerificationOutcome.SKIPPED, "PT-20M"), "PT40M", "PT45M");
		assertDelay("PT10M", last(VerificationOutcome.FAILED, "PT0S"), "PT10M", "PT11M");
	}

	@RepeatedTest(10)
	void clockThatJumpedDoesNotPutItOffForEver() {
		assertDelay("PT24H", last(VerificationOutcome.VERIFIED, "PT9000H"), "PT24H", "PT24H5M");
		assertDelay("PT24H", last(VerificationOutcome.FAILED, "PT9000H"), "PT1H", "PT1H5M");
		assertDelay("PT24H", last(VerificationOutcome.VERIFIED, "PT-9000H"), "PT1M", "PT6M");
	}

	@RepeatedTest(10)
	void badBackupIsLookedAtSoonAfterARestart() {
		VerificationStatus status = VerificationStatus.NONE.and(last(VerificationOutcome.FAILED, "PT0S"));
		assertThat(new VerificationSchedule(Duration.ofHours(24)).delayAtStart(status, NOW))
			.isBetween(Duration.ofMinutes(1), Duration.ofMinutes(6));
		VerificationStatus good = VerificationStatus.NONE.and(last(VerificationOutcome.VERIFIED, "PT0S"));
		assertThat(new VerificationSchedule(Duration.ofHours(24)).delayAtStart(good, NOW))
			.isBetween(Duration.ofHours(24), Duration.ofHours(25));
	}

	@Test
	void zeroIsOff() {
		assertThat(new VerificationSchedule(Duration.ZERO).isOn()).isFalse();
		assertThat(new VerificationSchedule(Duration.ofSeconds(1)).isOn()).isTrue();
	}

	private static void assertDelay(String interval, @Nullable VerificationResult last, String least, String most) {
		assertThat(new VerificationSchedule(Duration.parse(interval)).delay(last, NOW)).isBetween(Duration.parse(least),
				Duration.parse(most));
	}

	private static VerificationResult last(VerificationOutcome outcome, String ago) {
		return new VerificationResult(outcome, true, null, null, false, NOW.plus(Duration.parse(ago)), Duration.ZERO,
				"");
	}

}
