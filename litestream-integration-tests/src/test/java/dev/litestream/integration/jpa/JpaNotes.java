package dev.litestream.integration.jpa;

import java.util.List;

import dev.litestream.integration.Notes;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.support.TransactionOperations;

@Configuration(proxyBeanMethods = false)
@AutoConfigurationPackage
@ImportAutoConfiguration({ HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
public class JpaNotes {

	@Bean
	Notes notes(JpaNoteRepository repository, TransactionOperations transactions) {
		return new Notes() {

			@Override
			public void add(String text) {
				repository.save(new JpaNote(text));
			}

			@Override
			public void replace(String text, String replacement) {
				transactions.executeWithoutResult(
						(status) -> repository.findByText(text).forEach((note) -> note.setText(replacement)));
			}

			@Override
			public void remove(String text) {
				repository.deleteAll(repository.findByText(text));
			}

			@Override
			public List<String> texts() {
				return repository.findAllByOrderById().stream().map(JpaNote::getText).toList();
			}

		};
	}

}
