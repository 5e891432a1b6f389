package dev.litestream.nats.soak;

import java.io.IOException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What happens to the application and around it. Afterwards everything runs again.
 */
enum Disturbance {

	/** Nothing: there is time for retention. */
	CALM("undisturbed") {

		@Override
		void happen(Surroundings around, Random random) {
			pause(random, 3000);
		}

	},

	KILL_APPLICATION("kills of the application") {

		@Override
		void happen(Surroundings around, Random random) throws IOException {
			around.killApplication();
			pause(random, 2000);
			around.startApplication();
		}

	},

	KILL_TWICE("kills of the application soon after its start") {

		@Override
		void happen(Surroundings around, Random random) throws IOException {
			around.killApplication();
			around.startApplication();
			pause(random, 500);
			around.killApplication();
			around.startApplication();
		}

	},

	LOSE_DATABASE("kills of the application, its database deleted") {

		@Override
		void happen(Surroundings around, Random random) throws IOException {
			around.killApplication();
			around.killForeign();
			around.deleteDatabase();
			around.startApplication();
			around.startForeign();
		}

	},

	KILL_FOREIGN("kills of the foreign process") {

		@Override
		void happen(Surroundings around, Random random) throws IOException {
			around.killForeign();
			pause(random, 1000);
			around.startForeign();
		}

	},

	KILL_SERVER("kills of nats-server") {

		@Override
		void happen(Surroundings around, Random random) {
			around.server().kill();
			pause(random, 3000);
			around.server().restart();
		}

	},

	PAUSE_SERVER("pauses of nats-server") {

		@Override
		void happen(Surroundings around, Random random) {
			around.server().pause();
			pause(random, 6000);
			around.server().resume();
		}

	},

	KILL_BOTH("kills of nats-server, then of the application") {

		@Override
		void happen(Surroundings around, Random random) throws IOException {
			around.server().kill();
			pause(random, 2000);
			around.killApplication();
			around.server().restart();
			around.startApplication();
		}

	};

	private final String description;

	Disturbance(String description) {
		this.description = description;
	}

	abstract void happen(Surroundings around, Random random) throws IOException;

	/** The moment is what is random here; there is no state to wait for. */
	static void pause(Random random, int atMostMillis) {
		LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(atMostMillis)));
	}

	@Override
	public String toString() {
		return this.description;
	}

}
