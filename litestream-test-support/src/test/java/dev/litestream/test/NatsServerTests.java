package dev.litestream.test;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.StreamConfiguration;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class NatsServerTests {

	@Test
	void keepsPortAndStoreThroughKillAndRestart() throws Exception {
		try (NatsServer server = NatsServer.start()) {
			String url = server.url();
			try (Connection connection = connect(url)) {
				connection.jetStreamManagement()
					.addStream(StreamConfiguration.builder().name("kept").subjects("kept").build());
				connection.jetStream().publish("kept", new byte[10]);
			}
			server.kill();
			assertThat(server.isRunning()).isFalse();
			assertThatExceptionOfType(IOException.class).isThrownBy(() -> connect(url));
			server.restart();
			assertThat(server.url()).isEqualTo(url);
			try (Connection connection = connect(url)) {
				assertThat(connection.jetStreamManagement().getStreamInfo("kept").getStreamState().getMsgCount())
					.isOne();
			}
		}
	}

	@Test
	void pausedServerAnswersOnlyAfterResume() throws Exception {
		try (NatsServer server = NatsServer.start(); Connection connection = connect(server.url())) {
			server.pause();
			assertThatExceptionOfType(Exception.class).isThrownBy(() -> connection.flush(Duration.ofMillis(300)));
			assertThat(server.isRunning()).isTrue();
			server.resume();
			connection.flush(Duration.ofSeconds(30));
		}
	}

	@Test
	void pausedServerCanBeStopped() {
		try (NatsServer server = NatsServer.start()) {
			server.pause();
			server.stop();
			assertThat(server.isRunning()).isFalse();
			assertThat(server.log()).contains("Server Exiting");
		}
	}

	@Test
	void takesUsersFromItsConfiguration() throws Exception {
		try (NatsServer server = NatsServer.builder().config("authorization { user: app, password: secret }").start()) {
			assertThatExceptionOfType(AuthenticationException.class).isThrownBy(() -> connect(server.url()));
			Options options = Options.builder().server(server.url()).userInfo("app", "secret").build();
			try (Connection connection = Nats.connect(options)) {
				assertThat(connection.getServerInfo().isJetStreamAvailable()).isTrue();
			}
		}
	}

	@Test
	void answersOnItsMonitoringAddress() throws Exception {
		try (NatsServer server = NatsServer.builder().monitor().start()) {
			HttpResponse<String> answer = HttpClient.newHttpClient()
				.send(HttpRequest.newBuilder(URI.create(server.monitorUrl() + "/varz")).build(),
						HttpResponse.BodyHandlers.ofString());
			assertThat(answer.statusCode()).isEqualTo(200);
			assertThat(answer.body()).contains("\"port\": " + server.port());
		}
	}

	@Test
	void showsItsLogWhenItCannotStart() {
		assertThatIllegalStateException()
			.isThrownBy(() -> NatsServer.builder().config("authorization { nonsense: [ }").start())
			.withMessageContaining("nats-server ended at its start and logged")
			.withMessageContaining("Parse error");
	}

	private static Connection connect(String url) throws IOException, InterruptedException {
		return Nats.connect(Options.builder().server(url).maxReconnects(0).build());
	}

}
