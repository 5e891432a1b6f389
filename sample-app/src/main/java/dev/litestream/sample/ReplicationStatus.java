package dev.litestream.sample;

import java.time.Clock;
import java.util.List;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * What the page shows of the replication, first in its HTML and then, every second, as
 * JSON. Works without replication, too: then there are no databases.
 */
@RestController
class ReplicationStatus {

	private final ObjectProvider<Litestream> litestream;

	private final Clock clock;

	ReplicationStatus(ObjectProvider<Litestream> litestream, Clock clock) {
		this.litestream = litestream;
		this.clock = clock;
	}

	@GetMapping("/replication")
	List<DatabaseView> databases() {
		return replicated().stream().map((database) -> DatabaseView.of(database, this.clock.instant())).toList();
	}

	List<ReplicatedDatabase> replicated() {
		Litestream litestream = this.litestream.getIfAvailable();
		return (litestream != null) ? litestream.databases() : List.of();
	}

}
