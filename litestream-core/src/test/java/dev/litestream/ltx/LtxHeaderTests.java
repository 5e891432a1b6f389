package dev.litestream.ltx;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

import dev.litestream.Txid;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link LtxHeader} and {@link LtxFormat}.
 */
class LtxHeaderTests {

	private static final long CHECKSUM = LtxFormat.CHECKSUM_FLAG | 5;

	@Test
	void bytesAreThoseOfTheFormat() {
		LtxHeader header = new LtxHeader(2, 4096, 0xFFFFFFFEL, new Txid(3), new Txid(0xABCDEF), 0x0102030405060708L, 0,
				0x1112, 0x1314, 0x15161718, 0x191A1B1C, 0x1D1E1F20);
		byte[] bytes = new byte[103];
		bytes[102] = 7;
		java.util.Arrays.fill(bytes, 81, 101, (byte) 9);
		header.encode(bytes, 1);
		assertThat(HexFormat.of().formatHex(bytes, 1, 103)).isEqualTo("4c545831" + "00000002" + "00001000" + "fffffffe"
				+ "0000000000000003" + "0000000000abcdef" + "0102030405060708" + "0000000000000000" + "0000000000001112"
				+ "0000000000001314" + "15161718" + "191a1b1c" + "000000001d1e1f20" + "00".repeat(20) + "0007");
		assertThat(LtxHeader.decode(bytes, 1)).isEqualTo(header);
		assertThat(header.createdAt()).isEqualTo(Instant.ofEpochMilli(0x0102030405060708L));
	}

	@ParameterizedTest
	@MethodSource
	void headerThatBreaksARuleIsRefused(int flags, int pageSize, long commit, long min, long max, long preApply,
			long walOffset, long walSize, int salt1, int salt2, String message) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new LtxHeader(flags, pageSize, commit, new Txid(min), new Txid(max), 0, preApply,
					walOffset, walSize, salt1, salt2, 0))
			.withMessageContaining(message);
		ByteBuffer bytes = ByteBuffer.allocate(100);
		bytes.putInt(LtxFormat.MAGIC).putInt(flags).putInt(pageSize).putInt((int) commit).putLong(min).putLong(max);
		bytes.putLong(0).putLong(preApply).putLong(walOffset).putLong(walSize).putInt(salt1).putInt(salt2);
		if (commit == (int) commit) {
			assertThatIllegalArgumentException().isThrownBy(() -> LtxHeader.decode(bytes.array(), 0))
				.withMessageContaining(message);
		}
	}

	static Stream<Arguments> headerThatBreaksARuleIsRefused() {
		return Stream.of(Arguments.of(1, 4096, 1L, 2L, 2L, 0L, 0L, 0L, 0, 0, "flags"),
				Arguments.of(6, 4096, 1L, 2L, 2L, 0L, 0L, 0L, 0, 0, "flags"),
				Arguments.of(1 << 31, 4096, 1L, 2L, 2L, 0L, 0L, 0L, 0, 0, "flags"),
				Arguments.of(2, 0, 1L, 2L, 2L, 0L, 0L, 0L, 0, 0, "page size"),
				Arguments.of(2, 256, 1L, 2L, 2L, 0L, 0L, 0L, 0, 0, "page size"),
				Arguments.of(2, 1000, 1L, 2L, 2L, 0L, 0L, 0L, 0, 0, "page size"),
				Arguments.of(2, 131072, 1L, 2L, 2L, 0L, 0L, 0L, 0, 0, "page size"),
				Arguments.of(2, Integer.MIN_VALUE, 1L, 2L, 2L, 0L, 0L, 0L, 0, 0, "page size"),
				Arguments.of(2, 4096, 1L << 32, 2L, 2L, 0L, 0L, 0L, 0, 0, "commit"),
				Arguments.of(2, 4096, 1L, 0L, 2L, 0L, 0L, 0L, 0, 0, "minimum TXID"),
				Arguments.of(2, 4096, 1L, 3L, 2L, 0L, 0L, 0L, 0, 0, "after the maximum"),
				Arguments.of(2, 4096, 1L, -1L, 2L, 0L, 0L, 0L, 0, 0, "after the maximum"),
				Arguments.of(2, 4096, 1L, 2L, 2L, CHECKSUM, 0L, 0L, 0, 0, "pre-apply checksum"),
				Arguments.of(2, 4096, 1L, 1L, 2L, CHECKSUM, 0L, 0L, 0, 0, "pre-apply checksum"),
				Arguments.of(0, 4096, 1L, 1L, 2L, CHECKSUM, 0L, 0L, 0, 0, "pre-apply checksum"),
				Arguments.of(0, 4096, 1L, 2L, 2L, 0L, 0L, 0L, 0, 0, "pre-apply checksum"),
				Arguments.of(0, 4096, 1L, 2L, 2L, 5L, 0L, 0L, 0, 0, "pre-apply checksum"),
				Arguments.of(2, 4096, 1L, 2L, 2L, 0L, -1L, 0L, 0, 0, "WAL offset"),
				Arguments.of(2, 4096, 1L, 2L, 2L, 0L, 32L, -1L, 0, 0, "WAL size"),
				Arguments.of(2, 4096, 1L, 2L, 2L, 0L, 0L, 1L, 0, 0, "no WAL offset"),
				Arguments.of(2, 4096, 1L, 2L, 2L, 0L, 0L, 0L, 1, 0, "no WAL offset"),
				Arguments.of(2, 4096, 1L, 2L, 2L, 0L, 0L, 0L, 0, 1, "no WAL offset"));
	}

	@Test
	void checksumTrackedHeadersAreTaken() {
		LtxHeader snapshot = new LtxHeader(0, 4096, 1, new Txid(1), new Txid(2), 0, 0, 0, 0, 0, 0, 0);
		LtxHeader increment = new LtxHeader(0, 4096, 0, new Txid(2), new Txid(2), 0, CHECKSUM, 32, 0, 1, 2, 0);
		assertThat(snapshot.tracksChecksum()).isTrue();
		assertThat(snapshot.isSnapshot()).isTrue();
		assertThat(increment.tracksChecksum()).isTrue();
		assertThat(increment.isSnapshot()).isFalse();
	}

	@Test
	void fileOfAnotherKindIsRefused() {
		byte[] bytes = new byte[100];
		LtxFiles.header(4096, 1, 1, 1).encode(bytes, 0);
		bytes[3] = '2';
		assertThatIllegalArgumentException().isThrownBy(() -> LtxHeader.decode(bytes, 0)).withMessageContaining("LTX1");
	}

	@Test
	void sizeOfFilesLimitsTheirPages() {
		assertThat(LtxFormat.mostPages(0, 512)).isEqualTo(1);
		assertThat(LtxFormat.mostPages(10, 512)).isEqualTo(1);
		assertThat(LtxFormat.mostPages(11, 512)).isEqualTo(2);
		assertThat(LtxFormat.mostPages(2500, 4096)).isEqualTo(101);
		assertThat(LtxFormat.mostPages(265L << 32, 65536)).isEqualTo((1L << 32) + 1);
	}

	@ParameterizedTest
	@ValueSource(ints = { 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536 })
	void filesOfEmptyPagesCanBe(int pageSize) throws Exception {
		SortedMap<Long, byte[]> pages = new TreeMap<>();
		byte[] empty = new byte[pageSize];
		for (long pgno = 1; pgno <= 1000; pgno++) {
			pages.put(pgno, empty);
		}
		byte[] file = LtxFiles.write(LtxFiles.header(pageSize, 1000, 1, 1), pages);
		assertThat(LtxFormat.mostPages(file.length, pageSize)).isGreaterThanOrEqualTo(1000);
	}

	@ParameterizedTest
	@ValueSource(strings = { "512:2097153", "1024:1048577", "4096:262145", "8192:131073", "16384:65537", "32768:32769",
			"65536:16385" })
	@Hazard("B6")
	void lockPageDependsOnThePageSize(String sizeAndPage) {
		String[] parts = sizeAndPage.split(":");
		assertThat(LtxFormat.lockPage(Integer.parseInt(parts[0]))).isEqualTo(Long.parseLong(parts[1]));
	}

}
