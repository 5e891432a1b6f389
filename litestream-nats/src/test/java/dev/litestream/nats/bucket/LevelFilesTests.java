package dev.litestream.nats.bucket;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxListing;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Files as plain numbers, compared with a sorted set.
 */
class LevelFilesTests {

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5 })
	void holdsWhatASortedSetHolds(long seed) {
		Random random = new Random(seed);
		LevelFiles files = new LevelFiles();
		TreeSet<LtxFileInfo> expected = new TreeSet<>(LtxListing.ORDER);
		for (int i = 1; i < 5000; i++) {
			LtxFileInfo file = file(random, i);
			if (random.nextInt(3) > 0) {
				assertThat(files.put(file.minTxid(), file.maxTxid(), file.size(), file.createdAt()))
					.isEqualTo(expected.remove(file));
				expected.add(file);
			}
			else {
				LtxFileInfo gone = (expected.isEmpty() || random.nextInt(4) == 0) ? file
						: random.nextBoolean() ? expected.first() : any(expected, random);
				assertThat(files.remove(gone.minTxid(), gone.maxTxid())).isEqualTo(expected.remove(gone));
			}
		}
		assertThat(files.files(3)).containsExactlyElementsOf(expected);
		assertThat(files.count()).isEqualTo(expected.size());
		assertThat(files.bytes()).isEqualTo(expected.stream().mapToLong(LtxFileInfo::size).sum());
		while (!expected.isEmpty()) {
			LtxFileInfo first = expected.pollFirst();
			assertThat(files.remove(first.minTxid(), first.maxTxid())).isTrue();
		}
		assertThat(files.files(3)).isEmpty();
	}

	private static LtxFileInfo file(Random random, int number) {
		// mostly the next one, sometimes any, also beyond the signed range
		long min = switch (random.nextInt(10)) {
			case 0 -> random.nextInt(5000);
			case 1 -> -random.nextInt(100);
			default -> number;
		};
		return new LtxFileInfo(3, new Txid(min), new Txid(min + random.nextInt(2)), random.nextInt(100_000),
				Instant.ofEpochSecond(random.nextInt() * 2L, random.nextInt(1_000_000_000)));
	}

	private static LtxFileInfo any(TreeSet<LtxFileInfo> files, Random random) {
		List<LtxFileInfo> all = new ArrayList<>(files);
		return all.get(random.nextInt(all.size()));
	}

}
