package dev.litestream.spring.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import javax.sql.DataSource;

import dev.litestream.DatabasePath;
import dev.litestream.spring.DataSourceUrl;
import dev.litestream.spring.SqliteUrl;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Creates the directory of a database before anything opens it, which SQLite does not.
 */
class DatabaseDirectoryPostProcessor implements BeanPostProcessor {

	private static final Log logger = LogFactory.getLog(DatabaseDirectoryPostProcessor.class);

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof DataSource dataSource) {
			String url = DataSourceUrl.of(dataSource);
			if (url != null && SqliteUrl.matches(url) && !SqliteUrl.isInMemory(url)) {
				create(SqliteUrl.file(url));
			}
		}
		return bean;
	}

	private static void create(@Nullable Path file) {
		Path directory = (file != null) ? DatabasePath.resolve(file).getParent() : null;
		if (directory != null && !Files.isDirectory(directory)) {
			try {
				Files.createDirectories(directory);
			}
			catch (IOException ex) {
				// SQLite says that it cannot open the database
				logger.debug("The directory " + directory + " cannot be created", ex);
			}
		}
	}

}
