package dev.litestream.integration;

import dev.litestream.integration.datajdbc.DataJdbcNotes;
import dev.litestream.integration.jdbcclient.JdbcClientNotes;
import dev.litestream.integration.jooq.JooqNotes;
import dev.litestream.integration.jpa.JpaNotes;
import dev.litestream.integration.mybatis.MyBatisNotes;

/** How an application reads and writes. */
enum Persistence {

	JDBC_CLIENT(JdbcClientNotes.class), JPA(JpaNotes.class), DATA_JDBC(DataJdbcNotes.class), JOOQ(JooqNotes.class),
	MYBATIS(MyBatisNotes.class);

	private final Class<?> configuration;

	Persistence(Class<?> configuration) {
		this.configuration = configuration;
	}

	Class<?> configuration() {
		return this.configuration;
	}

}
