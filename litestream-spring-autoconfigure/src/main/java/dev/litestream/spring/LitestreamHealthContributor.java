package dev.litestream.spring;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * {@link CompositeHealthContributor} with one {@link LitestreamHealthIndicator} for each
 * database that is registered at the time.
 */
public class LitestreamHealthContributor implements CompositeHealthContributor {

	private final Litestream litestream;

	private final Duration maxLag;

	private final List<String> switchedOff;

	private final Status disconnected;

	/**
	 * Creates a contributor.
	 * @param litestream the databases to watch
	 * @param maxLag how long a commit may wait for the replica until its database counts
	 * as down
	 */
	public LitestreamHealthContributor(Litestream litestream, Duration maxLag) {
		this(litestream, maxLag, List.of());
	}

	/**
	 * Creates a contributor that shows databases that are not replicated too.
	 * @param litestream the databases to watch
	 * @param maxLag how long a commit may wait for the replica until its database counts
	 * as down
	 * @param switchedOff names of databases that are out of service by request
	 */
	public LitestreamHealthContributor(Litestream litestream, Duration maxLag, List<String> switchedOff) {
		this(litestream, maxLag, switchedOff, Status.DOWN);
	}

	/**
	 * Creates a contributor that judges a lost connection otherwise.
	 * @param litestream the databases to watch
	 * @param maxLag how long a commit may wait for the replica until its database counts
	 * as down
	 * @param switchedOff names of databases that are out of service by request
	 * @param disconnected the status of a database while no commit of it waits and the
	 * connection to its replica is lost
	 */
	public LitestreamHealthContributor(Litestream litestream, Duration maxLag, List<String> switchedOff,
			Status disconnected) {
		this.litestream = litestream;
		this.maxLag = maxLag;
		this.switchedOff = List.copyOf(switchedOff);
		this.disconnected = disconnected;
	}

	@Override
	public @Nullable HealthContributor getContributor(String name) {
		ReplicatedDatabase database = this.litestream.database(name);
		if (database != null) {
			return indicator(database);
		}
		return this.switchedOff.contains(name) ? (HealthIndicator) LitestreamHealthContributor::outOfService : null;
	}

	@Override
	public Stream<HealthContributors.Entry> stream() {
		return Stream.concat(
				this.litestream.databases()
					.stream()
					.map((database) -> new HealthContributors.Entry(database.name(), indicator(database))),
				this.switchedOff.stream()
					.filter((name) -> this.litestream.database(name) == null)
					.map((name) -> new HealthContributors.Entry(name,
							(HealthIndicator) LitestreamHealthContributor::outOfService)));
	}

	private static Health outOfService() {
		return Health.outOfService()
			.withDetail("reason", "Replication is switched off (litestream.dbs[].enabled)")
			.build();
	}

	private LitestreamHealthIndicator indicator(ReplicatedDatabase database) {
		return new LitestreamHealthIndicator(database, this.maxLag, this.disconnected);
	}

}
