package dev.litestream.spring;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.logging.Logger;

import javax.sql.ConnectionPoolDataSource;
import javax.sql.DataSource;

import dev.litestream.Litestream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.sqlite.SQLiteDataSource;
import org.sqlite.javax.SQLiteConnectionPoolDataSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * DataSources without a pool: their connections are prepared, their commits are seen at
 * once, and the bean keeps its type.
 */
@ExtendWith(OutputCaptureExtension.class)
class PlainDataSourceTests extends AbstractDataSourceTests {

	@Test
	void sqliteDataSource() {
		SQLiteDataSource dataSource = new SQLiteDataSource();
		dataSource.setUrl(this.notes.url());
		dataSource.setBusyTimeout(1234);
		runWithBean(SQLiteDataSource.class, dataSource, (context) -> {
			SQLiteDataSource bean = context.getBean(SQLiteDataSource.class);
			assertThat(bean.getConfig().getBusyTimeout()).isEqualTo(1234);
			assertThat(pragma(bean, "busy_timeout")).isEqualTo("1234");
			assertCommitsAreSignalled(context, bean);
		});
	}

	@Test
	void sqliteConnectionPoolDataSource() {
		SQLiteConnectionPoolDataSource dataSource = new SQLiteConnectionPoolDataSource();
		dataSource.setUrl(this.notes.url());
		runWithBean(SQLiteConnectionPoolDataSource.class, dataSource, (context) -> {
			assertCommitsAreSignalled(context, context.getBean(SQLiteConnectionPoolDataSource.class));
			var pooled = context.getBean(ConnectionPoolDataSource.class).getPooledConnection();
			try (Connection connection = pooled.getConnection()) {
				assertPrepared(connection);
			}
			finally {
				pooled.close();
			}
		});
	}

	@Test
	void driverManagerDataSource() {
		runWithBean(DriverManagerDataSource.class, new DriverManagerDataSource(this.notes.url()),
				(context) -> assertCommitsAreSignalled(context, context.getBean(DriverManagerDataSource.class)));
	}

	@Test
	void singleConnectionDataSource() {
		runWithBean(SingleConnectionDataSource.class, new SingleConnectionDataSource(this.notes.url(), true),
				(context) -> assertCommitsAreSignalled(context, context.getBean(SingleConnectionDataSource.class)));
	}

	@Test
	void dataSourceOfTheApplication() {
		runWithBean(OwnDataSource.class, new OwnDataSource(this.notes.url()),
				(context) -> assertCommitsAreSignalled(context, context.getBean(OwnDataSource.class)));
	}

	@Test
	void dataSourceThatCannotBeProxiedIsUsedAsItIsWithWarning(CapturedOutput output) {
		FinalDataSource dataSource = new FinalDataSource(this.notes.url());
		runWithBean(FinalDataSource.class, dataSource, (context) -> {
			assertThat(context.getBean(FinalDataSource.class)).isSameAs(dataSource);
			assertThat(NotesDatabase.notes(dataSource)).containsExactly("milk");
		});
		assertThat(output).containsOnlyOnce(FinalDataSource.class.getName() + " is final")
			.contains("replicated by polling");
	}

	@Test
	void connectionThatOnlyReads() {
		String url = this.notes.url() + "?open_mode=1";
		runWithBean(DriverManagerDataSource.class, new DriverManagerDataSource(url), (context) -> {
			assertThat(context.getBean(Litestream.class).databases().get(0).sync(Duration.ofSeconds(30))).isTrue();
			assertThat(NotesDatabase.notes(context.getBean(DataSource.class))).containsExactly("milk");
		});
	}

	static class OwnDataSource implements DataSource {

		private final String location;

		OwnDataSource(String location) {
			this.location = location;
		}

		@Override
		public Connection getConnection() throws SQLException {
			return DriverManager.getConnection(this.location);
		}

		@Override
		public Connection getConnection(String username, String password) throws SQLException {
			return getConnection();
		}

		@Override
		public PrintWriter getLogWriter() {
			return null;
		}

		@Override
		public void setLogWriter(PrintWriter out) {
		}

		@Override
		public void setLoginTimeout(int seconds) {
		}

		@Override
		public int getLoginTimeout() {
			return 0;
		}

		@Override
		public Logger getParentLogger() {
			return Logger.getGlobal();
		}

		@Override
		public <T> T unwrap(Class<T> type) {
			return type.cast(this);
		}

		@Override
		public boolean isWrapperFor(Class<?> type) {
			return type.isInstance(this);
		}

	}

	static final class FinalDataSource extends OwnDataSource {

		FinalDataSource(String location) {
			super(location);
		}

	}

}
