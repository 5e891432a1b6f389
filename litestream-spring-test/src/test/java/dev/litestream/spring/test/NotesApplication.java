package dev.litestream.spring.test;

import java.util.List;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * An application as a user has it, with properties that a test must not use.
 */
@SpringBootApplication
class NotesApplication {

	@Component
	static class Notes {

		private final JdbcClient jdbc;

		Notes(JdbcClient jdbc) {
			this.jdbc = jdbc;
			jdbc.sql("create table if not exists notes (text varchar(255))").update();
		}

		void write(String text) {
			this.jdbc.sql("insert into notes values (?)").param(text).update();
		}

		static List<String> of(JdbcClient jdbc) {
			return jdbc.sql("select text from notes order by rowid").query(String.class).list();
		}

	}

}
