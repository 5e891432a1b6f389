package dev.litestream.threads;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How long is waited after failures.
 */
class BackoffTests {

	@ParameterizedTest
	@ValueSource(strings = { "PT5S", "PT5M" })
	void waitsTwiceAsLongEachTimeUpToTheLongest(Duration longest) {
		Backoff backoff = new Backoff(longest);
		Duration expected = Duration.ofMillis(250);
		while (expected.compareTo(longest) < 0) {
			assertThat(backoff.next()).isEqualTo(expected);
			expected = expected.multipliedBy(2);
		}
		assertThat(backoff.next()).isEqualTo(longest);
		assertThat(backoff.next()).isEqualTo(longest);
	}

	@Test
	void beginsAnewAfterASuccess() {
		Backoff backoff = new Backoff(Backoff.FIVE_MINUTES);
		backoff.next();
		backoff.next();
		backoff.reset();
		assertThat(backoff.next()).isEqualTo(Duration.ofMillis(250));
	}

}
