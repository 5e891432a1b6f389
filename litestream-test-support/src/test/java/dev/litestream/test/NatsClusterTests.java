package dev.litestream.test;

import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class NatsClusterTests {

	@Test
	void holdsStreamsOnThreeServersOfWhichOneMayGo() throws Exception {
		try (NatsCluster cluster = NatsCluster.start()) {
			String[] urls = cluster.servers().stream().map(NatsServer::url).toArray(String[]::new);
			try (Connection connection = Nats.connect(new Options.Builder().servers(urls).build())) {
				JetStreamManagement management = connection.jetStreamManagement();
				StreamInfo created = management
					.addStream(StreamConfiguration.builder().name("kept").subjects("kept").replicas(3).build());
				connection.jetStream().publish("kept", new byte[10]);
				String leader = created.getClusterInfo().getLeader();
				cluster.server(leader).kill();
				await().ignoreExceptions()
					.until(() -> management.getStreamInfo("kept").getClusterInfo().getLeader(),
							(name) -> name != null && !name.equals(leader));
				cluster.server(leader).restart();
				cluster.awaitReady();
				assertThat(management.getStreamInfo("kept").getStreamState().getMsgCount()).isOne();
			}
		}
	}

	@Test
	void takesOtherUsersWhileItRuns() throws Exception {
		try (NatsServer server = NatsServer.builder().config("authorization { user: app, password: one }").start()) {
			server.reload("authorization { user: app, password: two }");
			Options options = new Options.Builder().server(server.url()).userInfo("app", "two").build();
			try (Connection connection = Nats.connect(options)) {
				assertThat(connection.getServerInfo().isJetStreamAvailable()).isTrue();
			}
		}
	}

}
