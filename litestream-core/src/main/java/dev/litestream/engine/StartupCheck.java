package dev.litestream.engine;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import dev.litestream.DatabaseOptions;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicaStartup;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.replication.DurabilityRequirement;
import dev.litestream.replication.DurabilityRequirement.BelowRequirementException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks one database's replica before the application starts, if its options ask for
 * that, and waits for it or stops the start.
 */
final class StartupCheck {

	private static final Logger logger = LoggerFactory.getLogger(StartupCheck.class);

	private static final Duration PAUSE = Duration.ofMillis(500);

	private final DatabaseOptions options;

	private final ReplicaClient client;

	StartupCheck(DatabaseOptions options, ReplicaClient client) {
		this.options = options;
		this.client = client;
	}

	/**
	 * Returns when the application may start. Throws {@link LitestreamException} if it
	 * must not.
	 */
	void run() {
		boolean asked = this.options.startup() != ReplicaStartup.CONTINUE;
		if (!asked && this.options.requireDurability() == null) {
			return;
		}
		boolean waited = false;
		while (true) {
			try {
				DurabilityRequirement.open(this.client, this.options);
				if (waited) {
					logger.info("{}: the replica {} is there", this.options.name(), this.client.location());
				}
				return;
			}
			catch (ReplicaUnavailableException ex) {
				if (this.options.startup() != ReplicaStartup.WAIT) {
					failed(ex);
					return;
				}
				if (!waited) {
					logger.warn("{}: the start waits for the replica {} (litestream.replica.startup=wait): {}",
							this.options.name(), this.client.location(), ex.getMessage());
				}
				waited = true;
				pause();
			}
			catch (BelowRequirementException ex) {
				throw new LitestreamException(ex.getMessage(), ex);
			}
			catch (IOException ex) {
				failed(ex);
				return;
			}
		}
	}

	private void failed(IOException cause) {
		String sentence = "The replica " + this.client.location() + " of the database '" + this.options.name()
				+ "' cannot be used: " + cause.getMessage();
		if (this.options.startup() == ReplicaStartup.CONTINUE) {
			logger.warn("{}; its requirements are checked as soon as that changes", sentence);
			return;
		}
		throw new LitestreamException(
				sentence + ". Correct this, or set litestream.replica.startup=continue to start without it", cause);
	}

	private void pause() {
		try {
			TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LitestreamException("Interrupted while waiting for the replica " + this.client.location()
					+ " (litestream.replica.startup=wait)", ex);
		}
	}

}
