package dev.litestream.benchmarks.writer;

import java.util.concurrent.CountDownLatch;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The application that writes. Its database is {@code spring.datasource.url}; what it
 * writes is said by the keys below {@code writer}.
 */
@SpringBootApplication
@ConfigurationPropertiesScan
public class WriterApplication {

	/**
	 * Starts the application, lets it write, and waits for its end.
	 * @param args settings, as of each Spring Boot application
	 * @throws Exception if a commit fails
	 */
	public static void main(String[] args) throws Exception {
		ConfigurableApplicationContext context = SpringApplication.run(WriterApplication.class, args);
		context.getBean(Workloads.class).run();
		if (!context.getBean(WriterSettings.class).exit()) {
			new CountDownLatch(1).await();
		}
		context.close();
	}

}
