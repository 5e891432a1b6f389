/**
 * Auto-configuration of Litestream: from properties to a running engine.
 * <table>
 * <caption>Which class answers which question</caption>
 * <tr>
 * <td>Who restores, before anything opens a database?</td>
 * <td>{@code RestoredEngineFactory}, when the engine's bean is created</td>
 * </tr>
 * <tr>
 * <td>Which beans open a database first?</td>
 * <td>{@code BeansThatOpenDatabases}</td>
 * </tr>
 * <tr>
 * <td>Who makes them wait for the restore?</td>
 * <td>{@code RestoreBeforeBeansThatOpenDatabases}</td>
 * </tr>
 * <tr>
 * <td>Which database is replicated if none is configured?</td>
 * <td>{@code DataSourcePath} by the URL, else {@code DiscoveringPostProcessor}</td>
 * </tr>
 * <tr>
 * <td>How does an entry become options and a replica?</td>
 * <td>{@code ConfiguredDatabase}, {@code ConfiguredDirectory}, {@code ConfiguredReplica},
 * {@code ConfiguredNatsReplica}</td>
 * </tr>
 * <tr>
 * <td>Which key does a refusal name?</td>
 * <td>{@code WrittenKeys}; {@code PropertyOrigins} knows the file and line</td>
 * </tr>
 * <tr>
 * <td>Which keys exist, with which defaults?</td>
 * <td>{@link dev.litestream.spring.autoconfigure.LitestreamProperties} and the other
 * {@code Properties} classes</td>
 * </tr>
 * <tr>
 * <td>What does a database inherit from the settings for all?</td>
 * <td>{@code Inheritance}, applied by {@code InheritingBindHandler}</td>
 * </tr>
 * <tr>
 * <td>Which keys are unknown, and which one was meant?</td>
 * <td>{@code UnknownKeysPostProcessor}, {@code NearestKey}, {@code UpstreamKeys}</td>
 * </tr>
 * <tr>
 * <td>How is Litestream's own file read?</td>
 * <td>{@code LitestreamYml}, found by {@code LitestreamYmlLocationResolver}</td>
 * </tr>
 * <tr>
 * <td>Does a configured path miss the DataSource's file?</td>
 * <td>{@code ConfiguredPathCheck}, run by {@code StartupExamination}</td>
 * </tr>
 * <tr>
 * <td>What does a failed start-up say?</td>
 * <td>{@code LitestreamFailureAnalyzer}, {@code BouncyCastleFailureAnalyzer}</td>
 * </tr>
 * <tr>
 * <td>Which beans can an application add?</td>
 * <td>{@link dev.litestream.spring.autoconfigure.LitestreamCustomizer},
 * {@link dev.litestream.spring.autoconfigure.NatsOptionsCustomizer},
 * {@link dev.litestream.spring.autoconfigure.ReplicaClientProvider},
 * {@link dev.litestream.spring.autoconfigure.LitestreamConnectionDetails}</td>
 * </tr>
 * </table>
 */
@NullMarked
package dev.litestream.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
