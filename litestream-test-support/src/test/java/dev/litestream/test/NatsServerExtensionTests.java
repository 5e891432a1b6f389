package dev.litestream.test;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

@NatsServerTest
class NatsServerExtensionTests {

	private final NatsServer server;

	NatsServerExtensionTests(NatsServer server) {
		this.server = server;
	}

	@Test
	void handsTheSameRunningServerToConstructorsAndMethods(NatsServer other) {
		assertThat(other).isSameAs(this.server);
		assertThat(other.isRunning()).isTrue();
	}

}
