package dev.litestream.compaction;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.litestream.LevelOptions;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which files of a listing are another writer's. The replica held TXIDs 1 to 4 before.
 */
class LevelMemoryTests {

	private final LevelMemory memory = new LevelMemory(LevelOptions.DEFAULTS, Clock.systemUTC(), System::nanoTime);

	private final List<LtxFileInfo> files = new ArrayList<>();

	@BeforeEach
	void listed() {
		IntStream.rangeClosed(1, 4).forEach((txid) -> add(0, txid, txid));
		add(1, 1, 3);
		this.memory.listed(listings());
	}

	/** Also once the database's own position has passed them. */
	@ParameterizedTest
	@CsvSource({ "0, 5, 8", "1, 4, 8", "1, 5, 8", "2, 1, 8", "8, 8, 8", "9, 1, 8", "0, 8, 8" })
	void filesThatNobodyHereHasSentAreAnothers(int level, int min, int max) {
		add(level, min, max);
		assertThat(this.memory.stranger(listings(), new Txid(4))).isEqualTo(file(level, min, max));
		boolean mayBeOurs = level == 0 && min == max;
		assertThat(this.memory.stranger(listings(), new Txid(9))).isEqualTo(mayBeOurs ? null : file(level, min, max));
	}

	/** Their uploads may be under way, or have ended without an answer. */
	@Test
	void ownFilesAreNot() {
		add(0, 5, 5);
		add(0, 6, 6);
		this.memory.sendingSnapshot(new Txid(6));
		add(9, 1, 6);
		assertThat(this.memory.stranger(listings(), new Txid(6))).isNull();
		add(1, 4, 6);
		add(2, 1, 6);
		assertThat(this.memory.stranger(listings(), new Txid(6))).as("compacted from what was listed").isNull();
	}

	/** An older file that comes back is no sign of another writer. */
	@Test
	void whatWasThereBeforeIsNot() {
		add(2, 1, 4);
		add(9, 1, 2);
		assertThat(this.memory.stranger(listings(), new Txid(4))).isNull();
	}

	@Test
	void replicaThatWasEmptiedBeginsAnew() {
		this.files.clear();
		this.memory.listed(listings());
		add(0, 1, 1);
		assertThat(this.memory.stranger(listings(), new Txid(1))).isNull();
		add(1, 1, 2);
		assertThat(this.memory.stranger(listings(), new Txid(3))).isEqualTo(file(1, 1, 2));
	}

	private void add(int level, int min, int max) {
		this.files.add(file(level, min, max));
	}

	private static LtxFileInfo file(int level, int min, int max) {
		return new LtxFileInfo(level, new Txid(min), new Txid(max), 100, Instant.EPOCH);
	}

	private List<LtxListing> listings() {
		return IntStream.range(0, ReplicaClient.LEVELS).mapToObj(this::listing).toList();
	}

	private LtxListing listing(int level) {
		Stream<LtxFileInfo> files = this.files.stream().filter((file) -> file.level() == level);
		return new LtxListing(files.toList());
	}

}
