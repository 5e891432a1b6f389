package dev.litestream.spring.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.convert.DurationStyle;

/**
 * Configuration properties of Litestream. Beside what concerns the whole application,
 * they hold the settings of databases that have none of their own. What they may not hold
 * is said by the {@link InvalidLitestreamPropertyException} that the start-up then fails
 * with.
 */
@ConfigurationProperties("litestream")
public class LitestreamProperties extends DatabaseSettings {

	/**
	 * Whether databases are restored and replicated.
	 */
	private boolean enabled = true;

	/**
	 * Databases to replicate, as a list or by their names. The one SQLite DataSource of
	 * the application if there are none.
	 */
	private List<DatabaseProperties> dbs = new ArrayList<>();

	/**
	 * Levels between single syncs and snapshots, from level 1 on: how often files of the
	 * level below are merged into each.
	 */
	private List<Level> levels = new ArrayList<>(List.of(new Level(Duration.ofSeconds(30)),
			new Level(Duration.ofMinutes(5)), new Level(Duration.ofHours(1))));

	/**
	 * How long each single sync stays restorable. Zero for ever.
	 */
	private Duration l0Retention = Duration.ofMinutes(5);

	/**
	 * Shortest time between two rounds that delete files of the replica.
	 */
	private Duration l0RetentionCheckInterval = Duration.ofSeconds(15);

	private final Retention retention = new Retention();

	@NestedConfigurationProperty
	private final DoctorProperties doctor = new DoctorProperties();

	@NestedConfigurationProperty
	private final SplitDataSourceProperties datasource = new SplitDataSourceProperties();

	@NestedConfigurationProperty
	private final EndpointProperties endpoint = new EndpointProperties();

	private final Health health = new Health();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public List<DatabaseProperties> getDbs() {
		return this.dbs;
	}

	public void setDbs(List<DatabaseProperties> dbs) {
		this.dbs = dbs;
	}

	public List<Level> getLevels() {
		return this.levels;
	}

	public void setLevels(List<Level> levels) {
		this.levels = levels;
	}

	public Duration getL0Retention() {
		return this.l0Retention;
	}

	public void setL0Retention(Duration l0Retention) {
		this.l0Retention = l0Retention;
	}

	public Duration getL0RetentionCheckInterval() {
		return this.l0RetentionCheckInterval;
	}

	public void setL0RetentionCheckInterval(Duration l0RetentionCheckInterval) {
		this.l0RetentionCheckInterval = l0RetentionCheckInterval;
	}

	public Retention getRetention() {
		return this.retention;
	}

	public DoctorProperties getDoctor() {
		return this.doctor;
	}

	public SplitDataSourceProperties getDatasource() {
		return this.datasource;
	}

	/**
	 * The databases that are configured and switched off.
	 * @return their names as far as they are known: that of a directory stands for its
	 * databases
	 */
	public List<String> switchedOff() {
		return this.dbs.stream()
			.filter((database) -> !database.isEnabled())
			.map(ConfiguredDatabase::displayName)
			.filter(Objects::nonNull)
			.toList();
	}

	public EndpointProperties getEndpoint() {
		return this.endpoint;
	}

	public Health getHealth() {
		return this.health;
	}

	/**
	 * Health of replication.
	 */
	public static class Health {

		/**
		 * How long a commit may wait for the replica until the health of its database is
		 * down.
		 */
		private Duration maxLag = Duration.ofSeconds(30);

		/**
		 * Health of a database without waiting commits while the connection to its
		 * replica is lost.
		 */
		private Disconnected disconnected = Disconnected.DOWN;

		public Duration getMaxLag() {
			return this.maxLag;
		}

		public void setMaxLag(Duration maxLag) {
			this.maxLag = maxLag;
		}

		public Disconnected getDisconnected() {
			return this.disconnected;
		}

		public void setDisconnected(Disconnected disconnected) {
			this.disconnected = disconnected;
		}

		/**
		 * The status while the connection is lost; the names are those of Spring Boot.
		 */
		public enum Disconnected {

			/** The next commit would not be replicated. */
			DOWN,

			/** Like down, but some tools treat it differently. */
			OUT_OF_SERVICE,

			/** Shown, and counted for nothing. */
			UNKNOWN,

			/** As long as no commit waits, all is well. */
			UP

		}

	}

	/**
	 * One level of merged files.
	 */
	@ConfigurationPropertiesSource
	public static class Level {

		/**
		 * How often files of the level below are merged into this one.
		 */
		private @Nullable Duration interval;

		public Level() {
		}

		/**
		 * Creates a level from its interval alone, so that {@code levels: 30s, 5m, 1h}
		 * can be written.
		 * @param interval the interval, such as {@code 30s}
		 */
		public Level(String interval) {
			this(DurationStyle.detectAndParse(interval.strip()));
		}

		Level(Duration interval) {
			this.interval = interval;
		}

		public @Nullable Duration getInterval() {
			return this.interval;
		}

		public void setInterval(@Nullable Duration interval) {
			this.interval = interval;
		}

	}

	/**
	 * Deletion of old files.
	 */
	public static class Retention {

		/**
		 * Whether old files of the replicas are deleted.
		 */
		private boolean enabled = true;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

	}

}
