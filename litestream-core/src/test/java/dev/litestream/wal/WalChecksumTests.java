package dev.litestream.wal;

import java.nio.ByteOrder;
import java.util.Random;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WalChecksum}.
 */
class WalChecksumTests {

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void sumsAsTheFormatSays(boolean bigEndian) {
		Random random = new Random(42);
		ByteOrder order = bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
		for (int length : new int[] { 0, 8, 24, 512, 4096, 65536 }) {
			byte[] bytes = new byte[length + 16];
			random.nextBytes(bytes);
			int[] seed = { random.nextInt(), random.nextInt() };
			for (int offset : new int[] { 0, 3, 8 }) {
				int[] expected = WalBytes.checksum(bytes, offset, length, order, seed);
				WalChecksum checksum = new WalChecksum(bigEndian, seed[0], seed[1]);
				checksum.update(bytes, offset, length);
				assertThat(checksum.first()).isEqualTo(expected[0]);
				assertThat(checksum.second()).isEqualTo(expected[1]);
			}
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void runsOnFromOneRangeToTheNext(boolean bigEndian) {
		byte[] bytes = new byte[4096];
		new Random(1).nextBytes(bytes);
		WalChecksum whole = new WalChecksum(bigEndian);
		whole.update(bytes, 0, 4096);
		WalChecksum parts = new WalChecksum(bigEndian);
		parts.update(bytes, 0, 8);
		parts.update(bytes, 8, 4088);
		assertThat(parts.matches(whole.first(), whole.second())).isTrue();
		assertThat(parts.matches(whole.first() + 1, whole.second())).isFalse();
		assertThat(parts.matches(whole.first(), whole.second() + 1)).isFalse();
	}

}
