package dev.litestream.spring.test;

import java.nio.file.Files;

import dev.litestream.VerificationOutcome;
import dev.litestream.spring.test.NotesApplication.Notes;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

@SpringBootTest
@AutoConfigureReplicatedDatabase
class FileReplicaTests {

	@Autowired
	Notes notes;

	@Autowired
	ReplicatedTestDatabase database;

	@Autowired
	Environment environment;

	@Test
	void whatIsWrittenIsInTheBackup() {
		this.notes.write("milk");
		assertThat(Notes.of(JdbcClient.create(this.database.restore()))).contains("milk");
	}

	@Test
	void databaseAndReplicaOfTheApplicationAreNotUsed() {
		assertThat(this.environment.getProperty("spring.datasource.url")).isEqualTo(this.database.url());
		assertThat(this.database.path()).exists();
		assertThat(this.database.database().name()).isEqualTo("test.db");
		assertThat(Files.exists(this.database.path().resolveSibling("replica"))).isTrue();
	}

	@Test
	void backupCanBeVerified() throws InterruptedException {
		this.notes.write("bread");
		this.database.sync();
		assertThat(this.database.database().verify().outcome()).isEqualTo(VerificationOutcome.VERIFIED);
	}

	@Test
	void askingForAServerSaysHowToGetOne() {
		assertThatIllegalStateException().isThrownBy(this.database::natsServer)
			.withMessageContaining("TestReplica.NATS");
	}

}
