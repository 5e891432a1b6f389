package dev.litestream.integration.datajdbc;

import java.util.Locale;

import org.springframework.data.jdbc.core.dialect.JdbcArrayColumns;
import org.springframework.data.jdbc.core.dialect.JdbcDialect;
import org.springframework.data.relational.core.dialect.AnsiDialect;
import org.springframework.data.relational.core.dialect.LimitClause;
import org.springframework.data.relational.core.dialect.LockClause;
import org.springframework.data.relational.core.sql.LockOptions;

/**
 * SQLite for Spring Data JDBC, which has no dialect of its own for it: no arrays, no row
 * locks.
 */
final class SqliteDialect extends AnsiDialect implements JdbcDialect {

	@Override
	public JdbcArrayColumns getArraySupport() {
		return JdbcArrayColumns.Unsupported.INSTANCE;
	}

	@Override
	public LimitClause limit() {
		return new LimitClause() {

			@Override
			public String getLimit(long limit) {
				return "LIMIT " + limit;
			}

			@Override
			public String getOffset(long offset) {
				return "LIMIT -1 OFFSET " + offset;
			}

			@Override
			public String getLimitOffset(long limit, long offset) {
				return String.format(Locale.ROOT, "LIMIT %d OFFSET %d", limit, offset);
			}

			@Override
			public Position getClausePosition() {
				return Position.AFTER_ORDER_BY;
			}

		};
	}

	@Override
	public LockClause lock() {
		return new LockClause() {

			@Override
			public String getLock(LockOptions lockOptions) {
				return "";
			}

			@Override
			public Position getClausePosition() {
				return Position.AFTER_ORDER_BY;
			}

		};
	}

}
