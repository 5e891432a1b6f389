package dev.litestream.spring.actuate;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class VerificationLimitTests {

	private final AtomicLong time = new AtomicLong(Long.MAX_VALUE - 5);

	private final VerificationLimit limit = new VerificationLimit(Duration.ofSeconds(60), this.time::get);

	@Test
	void oneAtATimeForEachDatabase() {
		assertThat(this.limit.begin("a")).isNull();
		assertThat(this.limit.begin("a")).contains("still runs");
		assertThat(this.limit.begin("b")).isNull();
	}

	@Test
	void intervalBeginsWithTheEnd() {
		assertThat(this.limit.begin("a")).isNull();
		pass(Duration.ofHours(1));
		this.limit.end("a");
		pass(Duration.ofSeconds(59));
		assertThat(this.limit.begin("a")).contains("59 seconds ago").contains("ask again in 2 seconds");
		pass(Duration.ofSeconds(1));
		assertThat(this.limit.begin("a")).isNull();
	}

	@Test
	void zeroIsNoLimit() {
		VerificationLimit none = new VerificationLimit(Duration.ZERO, this.time::get);
		assertThat(none.begin("a")).isNull();
		none.end("a");
		assertThat(none.begin("a")).isNull();
	}

	private void pass(Duration duration) {
		this.time.addAndGet(duration.toNanos());
	}

}
