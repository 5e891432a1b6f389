package dev.litestream.spring.autoconfigure;

import dev.litestream.Litestream;
import dev.litestream.spring.doctor.KnownDataSources;
import dev.litestream.spring.doctor.SqliteDoctor;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Examines the DataSources before replication and the web server start. A configuration
 * that cannot work stops the start-up; other problems are reported.
 */
final class StartupExamination implements SmartInitializingSingleton {

	private static final String WRITER = "litestreamWriterDataSource";

	private final LitestreamProperties properties;

	private final Litestream litestream;

	private final ConfigurableListableBeanFactory beanFactory;

	private final ObjectProvider<SqliteDoctor> doctor;

	StartupExamination(LitestreamProperties properties, Litestream litestream,
			ConfigurableListableBeanFactory beanFactory, ObjectProvider<SqliteDoctor> doctor) {
		this.properties = properties;
		this.litestream = litestream;
		this.beanFactory = beanFactory;
		this.doctor = doctor;
	}

	@Override
	public void afterSingletonsInstantiated() {
		requireSplitIfAsked();
		new ConfiguredPathCheck(this.properties, this.litestream, KnownDataSources.of(this.beanFactory)).run();
		this.doctor.ifAvailable(SqliteDoctor::examineAndLog);
	}

	private void requireSplitIfAsked() {
		if (this.properties.getDatasource().isSplit() && !this.beanFactory.containsBean(WRITER)) {
			throw new PropertyKey("litestream.datasource.split").invalid(
					"is set, but the application defines its DataSource itself, or has no HikariCP or spring-boot-jdbc",
					"Remove it, or let Spring Boot make the DataSource from spring.datasource.url.");
		}
	}

}
