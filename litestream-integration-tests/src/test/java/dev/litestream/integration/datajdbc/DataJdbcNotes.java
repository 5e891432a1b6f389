package dev.litestream.integration.datajdbc;

import java.util.List;

import dev.litestream.integration.Notes;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@AutoConfigurationPackage
@ImportAutoConfiguration({ JdbcTemplateAutoConfiguration.class, DataJdbcRepositoriesAutoConfiguration.class })
public class DataJdbcNotes {

	@Bean
	SqliteDialect jdbcDialect() {
		return new SqliteDialect();
	}

	@Bean
	Notes notes(DataJdbcNoteRepository repository) {
		return new Notes() {

			@Override
			public void add(String text) {
				repository.save(new DataJdbcNote(null, text));
			}

			@Override
			public void replace(String text, String replacement) {
				repository.saveAll(repository.findByText(text)
					.stream()
					.map((note) -> new DataJdbcNote(note.id(), replacement))
					.toList());
			}

			@Override
			public void remove(String text) {
				repository.deleteAll(repository.findByText(text));
			}

			@Override
			public List<String> texts() {
				return repository.findAllByOrderById().stream().map(DataJdbcNote::text).toList();
			}

		};
	}

}
