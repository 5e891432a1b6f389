package dev.litestream.wal;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Random;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random workloads: the base file with the scanned frames over it is, byte for byte, the
 * database that SQLite sees.
 */
class WalImageTests {

	@TempDir
	Path directory;

	@ParameterizedTest
	@CsvSource({ "1, 512, NONE", "2, 1024, INCREMENTAL", "3, 4096, FULL", "4, 4096, NONE", "5, 512, INCREMENTAL",
			"6, 1024, FULL", "7, 4096, INCREMENTAL", "8, 65536, NONE", "9, 65536, INCREMENTAL" })
	void scannedFramesMakeTheDatabase(long seed, int pageSize, String autoVacuum) throws Exception {
		Random random = new Random(seed);
		try (WalDatabase database = WalDatabase.create(this.directory, pageSize, autoVacuum)) {
			database.execute("pragma cache_size = 20", "pragma cache_spill = 20");
			database.insert(20, 100);
			PageMap pages = new PageMap();
			WalBuffer buffer = new WalBuffer();
			WalPosition position = null;
			long commit = 0;
			for (int step = 0; step < 120; step++) {
				work(database, random);
				try (WalReader reader = WalReader.open(database.wal(), buffer)) {
					assertThat(reader).isNotNull();
					if (position == null) {
						position = reader.header().start();
					}
					assertThat(reader.holds(position)).isTrue();
					WalReader.Scan scan;
					do {
						scan = reader.scan(position, random.nextBoolean() ? 0 : 1 + random.nextInt(20_000));
						if (!scan.isEmpty()) {
							pages.putAll(scan.pages());
							pages.truncate(scan.commit());
							position = scan.end();
							commit = scan.commit();
						}
					}
					while (scan.limited());
					if (step % 10 == 9) {
						byte[] image = database.image();
						assertThat(database.overlay(reader, pages, commit)).isEqualTo(image);
						WalReader.Scan whole = reader.scan(reader.header().start(), 0);
						assertThat(whole.end()).isEqualTo(position);
						assertThat(database.overlay(reader, whole.pages(), whole.commit())).isEqualTo(image);
						assertThat(reader.scanTo(reader.header().start(), position).end()).isEqualTo(position);
					}
				}
			}
		}
	}

	private static void work(WalDatabase database, Random random) throws SQLException {
		boolean transaction = random.nextInt(3) == 0;
		if (transaction) {
			database.execute("begin");
		}
		for (int i = random.nextInt(4); i >= 0; i--) {
			change(database, random);
		}
		if (transaction) {
			database.execute((random.nextInt(3) == 0) ? "rollback" : "commit");
		}
		else if (random.nextInt(12) == 0) {
			database.execute("vacuum");
		}
		else if (random.nextInt(4) == 0) {
			database.execute("pragma incremental_vacuum(" + random.nextInt(20) + ")");
		}
	}

	private static void change(WalDatabase database, Random random) throws SQLException {
		int modulus = 2 + random.nextInt(9);
		switch (random.nextInt(5)) {
			case 0 -> database.insert(1, 1 + random.nextInt(20_000));
			case 1 -> database.insert(1 + random.nextInt(40), 1 + random.nextInt(900));
			case 2 -> database.execute(String.format(Locale.ROOT, "update t set v = randomblob(%d) where id %% %d = 0",
					1 + random.nextInt(600), modulus));
			case 3 -> database.execute(String.format(Locale.ROOT, "delete from t where id %% %d = 1", modulus));
			default -> database.execute(
					String.format(Locale.ROOT, "create table if not exists u%d as select * from t limit 9", modulus),
					String.format(Locale.ROOT, "drop table if exists u%d", 2 + random.nextInt(9)));
		}
	}

}
