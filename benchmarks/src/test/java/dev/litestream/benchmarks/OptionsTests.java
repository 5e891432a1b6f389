package dev.litestream.benchmarks;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class OptionsTests {

	@Test
	void anOptionAfterQuickPrevails() {
		Options options = Options.parse("catchup", "--quick", "--mb", "20", "latency");
		assertThat(options.measures()).containsExactly("catchup", "latency");
		assertThat(options.megabytes()).isEqualTo(20);
		assertThat(options.rounds()).isEqualTo(1);
	}

	@Test
	void aMissingNumberIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> Options.parse("--rounds"))
			.withMessageContaining("--rounds needs a whole number");
	}

}
