package dev.litestream.spring.autoconfigure;

import java.util.regex.Pattern;

import com.zaxxer.hikari.HikariDataSource;
import dev.litestream.spring.SqliteUrl;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.core.env.Environment;

/**
 * The two pools of a split DataSource, from {@code spring.datasource}.
 */
final class SplitPools {

	private static final PropertyKey KEY = new PropertyKey("litestream.datasource");

	private static final Pattern TRANSACTION_MODE = Pattern.compile("(?i)(?<=[?&])transaction_mode=[^&]*&?");

	private final DataSourceProperties properties;

	private final Environment environment;

	SplitPools(DataSourceProperties properties, Environment environment) {
		this.properties = properties;
		this.environment = environment;
	}

	/**
	 * One connection. Its transactions wait for the write lock when they begin, so none
	 * fails later because another one has committed.
	 */
	HikariDataSource writer() {
		HikariDataSource pool = pool("litestream-writer", "IMMEDIATE");
		pool.setMaximumPoolSize(1);
		pool.setMinimumIdle(1);
		return pool;
	}

	/**
	 * Connections that SQLite lets only read. In WAL mode they neither wait for the
	 * writer nor keep it waiting.
	 */
	HikariDataSource readers(int max) {
		KEY.child("max-readers").require((setting) -> setting.requireBetween(max, 1, Integer.MAX_VALUE));
		HikariDataSource pool = pool("litestream-readers", "DEFERRED");
		pool.setMaximumPoolSize(max);
		pool.setMinimumIdle(Math.min(max, Math.max(pool.getMinimumIdle(), 1)));
		// after WAL mode has been set, which it would prevent
		pool.setConnectionInitSql("PRAGMA query_only=ON");
		return pool;
	}

	private HikariDataSource pool(String name, String transactionMode) {
		String url = requireFile(this.properties.determineUrl());
		HikariDataSource pool = new HikariDataSource();
		pool.setDriverClassName(this.properties.determineDriverClassName());
		Binder.get(this.environment).bind("spring.datasource.hikari", Bindable.ofInstance(pool));
		pool.setJdbcUrl(withTransactionMode(url, transactionMode));
		pool.setPoolName(name);
		return pool;
	}

	private static String requireFile(@Nullable String url) {
		PropertyKey key = KEY.child("split");
		if (url == null || !SqliteUrl.matches(url)) {
			throw key.invalid("is set, but spring.datasource.url is not one of SQLite", "Remove it.");
		}
		if (SqliteUrl.isInMemory(url)) {
			throw key.invalid("is set, but the database is in memory, where each connection sees its own",
					"Remove it, or name a file in spring.datasource.url.");
		}
		return url;
	}

	static String withTransactionMode(String url, String mode) {
		String plain = TRANSACTION_MODE.matcher(url).replaceAll("").replaceFirst("[?&]$", "");
		return plain + ((plain.indexOf('?') < 0) ? "?" : "&") + "transaction_mode=" + mode;
	}

}
