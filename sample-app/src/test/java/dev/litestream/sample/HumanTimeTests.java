package dev.litestream.sample;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class HumanTimeTests {

	private static final Instant NOW = Instant.parse("2026-03-06T19:48:26.418Z");

	@ParameterizedTest
	@CsvSource({ "-1, 0 ms", "0, 0 ms", "999, 999 ms", "4343, 4.3 s", "9999, 9.9 s", "12000, 12 s", "119999, 119 s",
			"120000, 2 min", "7200000, 2 h", "172800000, 2 days" })
	void saysADurationInOneUnit(long millis, String expected) {
		assertThat(HumanTime.of(Duration.ofMillis(millis))).isEqualTo(expected);
	}

	@ParameterizedTest
	@CsvSource({ "-5, just now", "1, just now", "3, 3 s ago", "80, 80 s ago", "600, 10 min ago" })
	void saysHowLongAgo(long seconds, String expected) {
		assertThat(HumanTime.ago(NOW.minusSeconds(seconds), NOW)).isEqualTo(expected);
	}

	@Test
	void saysAMomentToTheSecond() {
		assertThat(HumanTime.at(NOW)).isEqualTo("6 March, 19:48:26 UTC");
	}

}
