package dev.litestream.integration.jooq;

import java.util.List;

import dev.litestream.integration.Notes;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jooq.autoconfigure.JooqAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration(JooqAutoConfiguration.class)
public class JooqNotes {

	private static final Table<Record> NOTE = DSL.table(DSL.name("note"));

	private static final Field<Integer> ID = DSL.field(DSL.name("id"), SQLDataType.INTEGER);

	private static final Field<String> TEXT = DSL.field(DSL.name("text"), SQLDataType.VARCHAR);

	@Bean
	Notes notes(DSLContext jooq) {
		return new Notes() {

			@Override
			public void add(String text) {
				jooq.insertInto(NOTE, TEXT).values(text).execute();
			}

			@Override
			public void replace(String text, String replacement) {
				jooq.transaction((transaction) -> transaction.dsl()
					.update(NOTE)
					.set(TEXT, replacement)
					.where(TEXT.eq(text))
					.execute());
			}

			@Override
			public void remove(String text) {
				jooq.deleteFrom(NOTE).where(TEXT.eq(text)).execute();
			}

			@Override
			public List<String> texts() {
				return jooq.select(TEXT).from(NOTE).orderBy(ID).fetch(TEXT);
			}

		};
	}

}
