/**
 * Litestream at run time in a Spring application. No class here knows properties.
 * <table>
 * <caption>Which class answers which question</caption>
 * <tr>
 * <td>When does replication start and stop?</td>
 * <td>{@link dev.litestream.spring.LitestreamLifecycle}</td>
 * </tr>
 * <tr>
 * <td>Who prepares the connections of a DataSource?</td>
 * <td>{@link dev.litestream.spring.LitestreamDataSourcePostProcessor}, which adapts each
 * DataSource by {@code DataSourceAdapter}; {@code ConnectionPreparer} does the rest</td>
 * </tr>
 * <tr>
 * <td>Which file does a JDBC URL name?</td>
 * <td>{@link dev.litestream.spring.SqliteUrl},
 * {@link dev.litestream.spring.DataSourceUrl}</td>
 * </tr>
 * <tr>
 * <td>How do events reach {@code @EventListener} methods?</td>
 * <td>{@link dev.litestream.spring.ReplicationEvents} queues them,
 * {@link dev.litestream.spring.ReplicationEventPublisher} publishes them</td>
 * </tr>
 * <tr>
 * <td>When is an application healthy?</td>
 * <td>{@link dev.litestream.spring.LitestreamHealthIndicator}, one for each database in
 * {@link dev.litestream.spring.LitestreamHealthContributor}</td>
 * </tr>
 * <tr>
 * <td>Which meters are there?</td>
 * <td>{@link dev.litestream.spring.LitestreamMetrics} and the other {@code Metrics}
 * classes</td>
 * </tr>
 * <tr>
 * <td>Which operations are observed?</td>
 * <td>{@link dev.litestream.spring.LitestreamObservations}</td>
 * </tr>
 * </table>
 */
@NullMarked
package dev.litestream.spring;

import org.jspecify.annotations.NullMarked;
