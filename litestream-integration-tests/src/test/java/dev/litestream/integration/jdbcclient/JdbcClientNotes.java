package dev.litestream.integration.jdbcclient;

import java.util.List;

import dev.litestream.integration.Notes;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({ JdbcTemplateAutoConfiguration.class, JdbcClientAutoConfiguration.class })
public class JdbcClientNotes {

	@Bean
	Notes notes(JdbcClient jdbc) {
		return new Notes() {

			@Override
			public void add(String text) {
				jdbc.sql("insert into note (text) values (:text)").param("text", text).update();
			}

			@Override
			public void replace(String text, String replacement) {
				jdbc.sql("update note set text = ? where text = ?").params(replacement, text).update();
			}

			@Override
			public void remove(String text) {
				jdbc.sql("delete from note where text = ?").param(text).update();
			}

			@Override
			public List<String> texts() {
				return jdbc.sql("select text from note order by id").query(String.class).list();
			}

		};
	}

}
