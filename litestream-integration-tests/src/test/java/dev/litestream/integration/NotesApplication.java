package dev.litestream.integration;

import java.time.Duration;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import dev.litestream.spring.autoconfigure.SplitDataSourceAutoConfiguration;
import dev.litestream.spring.autoconfigure.SqliteDoctorAutoConfiguration;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * What all applications of the matrix have in common. As a program: one that writes, says
 * so when the replica has it, and then runs until it is killed.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({ LitestreamAutoConfiguration.class, SqliteDoctorAutoConfiguration.class,
		SplitDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class,
		DataSourceInitializationAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
		TransactionAutoConfiguration.class, FlywayAutoConfiguration.class, LiquibaseAutoConfiguration.class })
public class NotesApplication {

	/** What the program prints when all that it has written is replicated. */
	static final String REPLICATED = "all is replicated";

	public static void main(String[] arguments) throws InterruptedException {
		System.setProperty("spring.devtools.restart.enabled", "false");
		ApplicationContext context = Installation.ofArguments(arguments).start();
		new Work(context).write();
		awaitReplicated(context);
		System.out.println(REPLICATED);
		Thread.currentThread().join();
	}

	static void awaitReplicated(ApplicationContext context) throws InterruptedException {
		for (ReplicatedDatabase database : context.getBean(Litestream.class).databases()) {
			if (!database.sync(Duration.ofSeconds(60))) {
				throw new IllegalStateException(database.name() + " was not replicated: " + database.status());
			}
		}
	}

}
