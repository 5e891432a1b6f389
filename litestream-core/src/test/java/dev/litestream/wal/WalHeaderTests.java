package dev.litestream.wal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import dev.litestream.test.Hazard;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WalHeader}.
 */
class WalHeaderTests {

	private static final int VERSION = 4;

	private static final int PAGE_SIZE = 8;

	@TempDir
	Path directory;

	private byte[] bytes = {};

	@BeforeEach
	void writeHeader() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 4096)) {
			database.insert(1, 10);
			this.bytes = Arrays.copyOf(Files.readAllBytes(database.wal()), WalHeader.SIZE);
		}
	}

	@Test
	void readsTheHeaderThatSqliteWrote() {
		WalHeader header = WalHeader.parse(this.bytes, WalHeader.SIZE);
		assertThat(header).isNotNull();
		assertThat(header.pageSize()).isEqualTo(4096);
		assertThat(header.frameSize()).isEqualTo(4120);
		WalPosition start = header.start();
		assertThat(start.offset()).isEqualTo(32);
		assertThat(start.sameGeneration(header)).isTrue();
		assertThat(start.checksum1()).isEqualTo(header.checksum1());
		assertThat(start.checksum2()).isEqualTo(header.checksum2());
	}

	@Test
	@Hazard("B5")
	void headerTornAtAnyByteIsNoHeader() throws Exception {
		Path wal = this.directory.resolve("torn-wal");
		for (int length = 0; length < WalHeader.SIZE; length++) {
			assertThat(WalHeader.parse(this.bytes, length)).as("length %d", length).isNull();
			Files.write(wal, Arrays.copyOf(this.bytes, length));
			assertThat(WalReader.open(wal)).as("file of %d bytes", length).isNull();
			byte[] torn = this.bytes.clone();
			Arrays.fill(torn, length, WalHeader.SIZE, (byte) 0);
			assertThat(WalHeader.parse(torn, WalHeader.SIZE)).as("zeros from %d", length).isNull();
		}
	}

	@Test
	void headerWithAnyBitFlippedIsNoHeader() throws Exception {
		Path wal = this.directory.resolve("flipped-wal");
		for (int bit = 0; bit < WalHeader.SIZE * 8; bit++) {
			byte[] flipped = WalBytes.flipped(this.bytes, bit / 8, 1 << (bit % 8));
			assertThat(WalHeader.parse(flipped, WalHeader.SIZE)).as("bit %d", bit).isNull();
		}
		Files.write(wal, WalBytes.flipped(this.bytes, 20, 1));
		assertThat(WalReader.open(wal)).isNull();
	}

	@ParameterizedTest
	@Hazard("B9")
	@ValueSource(ints = { 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536 })
	void everyPageSizeOfSqliteIsValid(int pageSize) {
		WalHeader header = WalHeader.parse(WalBytes.with(this.bytes, PAGE_SIZE, pageSize), WalHeader.SIZE);
		assertThat(header).isNotNull();
		assertThat(header.pageSize()).isEqualTo(pageSize);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 256, 1000, 4097, 131072, Integer.MIN_VALUE, -4096 })
	void otherPageSizesAreNotThoughTheChecksumMatches(int pageSize) {
		assertThat(WalHeader.parse(WalBytes.with(this.bytes, PAGE_SIZE, pageSize), WalHeader.SIZE)).isNull();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 3006999, 3007001, 3008000 })
	void otherVersionsAreNotThoughTheChecksumMatches(int version) {
		assertThat(WalHeader.parse(WalBytes.with(this.bytes, VERSION, version), WalHeader.SIZE)).isNull();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0x377f0680, 0x377f0681, 0x377f0684, 0x377f0685 })
	void otherMagicsAreNotThoughTheChecksumMatches(int magic) {
		assertThat(WalHeader.parse(WalBytes.with(this.bytes, 0, magic), WalHeader.SIZE)).isNull();
	}

	@Test
	void magicNamesTheByteOrderOfTheChecksum() {
		WalHeader little = WalHeader.parse(WalBytes.with(this.bytes, 0, 0x377f0682), WalHeader.SIZE);
		WalHeader big = WalHeader.parse(WalBytes.with(this.bytes, 0, 0x377f0683), WalHeader.SIZE);
		assertThat(little).isNotNull();
		assertThat(big).isNotNull();
		assertThat(little.bigEndianChecksum()).isFalse();
		assertThat(big.bigEndianChecksum()).isTrue();
		assertThat(big.salt2()).isEqualTo(little.salt2());
	}

}
