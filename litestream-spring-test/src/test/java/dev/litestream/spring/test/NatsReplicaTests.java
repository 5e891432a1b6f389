package dev.litestream.spring.test;

import dev.litestream.spring.test.NotesApplication.Notes;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest
@AutoConfigureReplicatedDatabase(replica = TestReplica.NATS, name = "notes.db")
class NatsReplicaTests {

	@Autowired
	Notes notes;

	@Autowired
	ReplicatedTestDatabase database;

	@Test
	void whatIsWrittenDuringAnOutageIsInTheBackupAfterIt() {
		this.notes.write("milk");
		this.database.sync();
		this.database.natsServer().stop();
		this.notes.write("bread");
		this.database.natsServer().restart();
		assertThat(Notes.of(JdbcClient.create(this.database.restore()))).containsExactly("milk", "bread");
		assertThat(this.database.database().name()).isEqualTo("notes.db");
	}

}
