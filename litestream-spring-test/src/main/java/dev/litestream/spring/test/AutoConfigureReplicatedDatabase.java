package dev.litestream.spring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;

/**
 * Gives the application context of a test class a SQLite database in a temporary
 * directory and a replica of its own, instead of those that the application's properties
 * name. All else is the application's: its migrations run, its settings below
 * {@code litestream} hold, apart from {@code litestream.dbs} and
 * {@code litestream.replica}, which are replaced. A {@link ReplicatedTestDatabase} can be
 * injected into the test.
 *
 * <pre class="code">
 * &#064;SpringBootTest
 * &#064;AutoConfigureReplicatedDatabase
 * class OrderTests {
 *
 *     &#064;Autowired
 *     Orders orders;
 *
 *     &#064;Autowired
 *     ReplicatedTestDatabase database;
 *
 *     &#064;Test
 *     void ordersAreInTheBackup() {
 *         this.orders.place("coffee");
 *         JdbcClient backup = JdbcClient.create(this.database.restore());
 *         assertThat(backup.sql("select count(*) from orders").query(Long.class).single()).isOne();
 *     }
 *
 * }</pre>
 *
 * <p>
 * It works in slices too, such as {@code @JdbcTest} and {@code @DataJpaTest}: it brings
 * the auto-configuration of Litestream, which a slice leaves out, and keeps the slice
 * from replacing the {@code DataSource} by an embedded database. A slice rolls back the
 * transaction of each test, and what is not committed is in no backup: annotate what has
 * to be restored with {@code @Transactional(propagation = Propagation.NOT_SUPPORTED)}.
 *
 * <p>
 * Test classes with equal annotations share a context and its database, as far as the
 * rest of their configuration is equal. Files are deleted when the context is closed.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@ImportAutoConfiguration
public @interface AutoConfigureReplicatedDatabase {

	/**
	 * Where the database is replicated to.
	 * @return the kind of replica
	 */
	TestReplica replica() default TestReplica.FILE;

	/**
	 * Name of the database's file, which is also its name in health and metrics.
	 * @return a file name
	 */
	String name() default "test.db";

	/**
	 * The property that holds the JDBC URL of the application's {@code DataSource}. To be
	 * set where the application has several.
	 * @return the property's name
	 */
	String urlProperty() default "spring.datasource.url";

}
