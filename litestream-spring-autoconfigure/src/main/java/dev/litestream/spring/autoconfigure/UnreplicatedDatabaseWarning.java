package dev.litestream.spring.autoconfigure;

import java.util.stream.Collectors;

import dev.litestream.spring.doctor.KnownDataSource;
import dev.litestream.spring.doctor.KnownDataSources;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Says that an application with databases and this library replicates none of them: who
 * added the one may take the rest for done.
 */
final class UnreplicatedDatabaseWarning implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(UnreplicatedDatabaseWarning.class);

	private final ConfigurableListableBeanFactory beanFactory;

	UnreplicatedDatabaseWarning(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public void afterSingletonsInstantiated() {
		String files = KnownDataSources.of(this.beanFactory)
			.sqlite()
			.stream()
			.filter((dataSource) -> !dataSource.inMemory())
			.map((dataSource) -> file(dataSource) + " (" + dataSource + ")")
			.collect(Collectors.joining(", "));
		if (!files.isEmpty()) {
			logger
				.warn("Litestream replicates nothing, because litestream.replica.url is not set: there is no backup of "
						+ files + ". Set litestream.replica.url to where it belongs, such as nats://localhost:4222/app,"
						+ " or litestream.enabled=false if none is wanted");
		}
	}

	private static String file(KnownDataSource dataSource) {
		return (dataSource.file() != null) ? dataSource.file().toString() : "the database";
	}

}
