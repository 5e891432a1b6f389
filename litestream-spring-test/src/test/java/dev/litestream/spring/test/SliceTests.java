package dev.litestream.spring.test;

import java.util.List;

import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A slice of the application, in which nothing else would bring Litestream.
 */
@JdbcTest
@AutoConfigureReplicatedDatabase(name = "slice.db")
class SliceTests {

	@Autowired
	JdbcClient jdbc;

	@Autowired
	ReplicatedTestDatabase database;

	@Test
	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	void whatIsCommittedIsInTheBackup() {
		this.jdbc.sql("create table committed (text varchar(255))").update();
		this.jdbc.sql("insert into committed values ('milk')").update();
		List<String> texts = JdbcClient.create(this.database.restore())
			.sql("select text from committed")
			.query(String.class)
			.list();
		assertThat(texts).containsExactly("milk");
	}

	@Test
	void databaseOfTheTestIsUsedAndNoEmbeddedOne() {
		assertThat(
				this.jdbc.sql("select file from pragma_database_list where name = 'main'").query(String.class).single())
			.isEqualTo(this.database.path().toString());
	}

}
