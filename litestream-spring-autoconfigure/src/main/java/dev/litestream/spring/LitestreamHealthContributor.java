package dev.litestream.spring;

import java.time.Duration;
import java.util.stream.Stream;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;

/**
 * {@link CompositeHealthContributor} with one {@link LitestreamHealthIndicator} for each
 * database that is registered at the time.
 */
public class LitestreamHealthContributor implements CompositeHealthContributor {

	private final Litestream litestream;

	private final Duration maxLag;

	/**
	 * Creates a contributor.
	 * @param litestream the databases to watch
	 * @param maxLag how long a commit may wait for the replica until its database counts
	 * as down
	 */
	public LitestreamHealthContributor(Litestream litestream, Duration maxLag) {
		this.litestream = litestream;
		this.maxLag = maxLag;
	}

	@Override
	public @Nullable HealthContributor getContributor(String name) {
		ReplicatedDatabase database = this.litestream.database(name);
		return (database != null) ? indicator(database) : null;
	}

	@Override
	public Stream<HealthContributors.Entry> stream() {
		return this.litestream.databases()
			.stream()
			.map((database) -> new HealthContributors.Entry(database.name(), indicator(database)));
	}

	private LitestreamHealthIndicator indicator(ReplicatedDatabase database) {
		return new LitestreamHealthIndicator(database, this.maxLag);
	}

}
