package dev.litestream.test;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ToolsTests {

	@ParameterizedTest
	@CsvSource({ "nats-server: v2.15.2, true", "nats-server: v2.11.0, true", "nats-server: v2.10.27, false",
			"nats-server: v2.9.10, false", "nats-server: v3.0.0, true", "(development build), false" })
	void acceptsOnlyVersionsThatAreNewEnough(String answer, boolean accepted) {
		assertThat(Tools.atLeast(answer, "2.11.0")).isEqualTo(accepted);
	}

	@Test
	void saysInOneSentenceWhatToRun() {
		assertThat(Tools.missing(Tools.Tool.LITESTREAM)).contains("bin/fetch-tools").hasLineCount(1).endsWith(".");
	}

	@Test
	void findsBothPrograms() {
		assertThat(Tools.natsServer()).isExecutable();
		assertThat(Tools.litestream()).isExecutable();
	}

}
