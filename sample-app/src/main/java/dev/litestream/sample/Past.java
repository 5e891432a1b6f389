package dev.litestream.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

import dev.litestream.ReplicatedDatabase;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import org.sqlite.SQLiteDataSource;

import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/**
 * The shop as it was: restores an earlier position to a temporary file, reads it and
 * deletes it, while the live database goes on. One at a time.
 */
@Component
class Past {

	private final Clock clock;

	Past(Clock clock) {
		this.clock = clock;
	}

	/** Looks at a position that can be restored. */
	synchronized View at(ReplicatedDatabase database, Txid txid, int limit) throws IOException {
		Path directory = Files.createTempDirectory("shop-as-it-was");
		try {
			RestoreResult result = database.restoreTo(directory.resolve("app.db"), RestoreTarget.of(txid));
			SQLiteDataSource dataSource = new SQLiteDataSource();
			dataSource.setUrl("jdbc:sqlite:" + result.path());
			Shop shop = new Shop(JdbcClient.create(dataSource), this.clock);
			try {
				return new View(result, shop.newest(limit), shop.totals());
			}
			catch (BadSqlGrammarException ex) {
				return new View(result, List.of(), ShopTotals.NONE); // its tables came
																		// later
			}
		}
		finally {
			FileSystemUtils.deleteRecursively(directory);
		}
	}

	/** The newest orders and the totals at a moment. */
	record View(RestoreResult restored, List<Purchase> orders, ShopTotals totals) {

	}

}
