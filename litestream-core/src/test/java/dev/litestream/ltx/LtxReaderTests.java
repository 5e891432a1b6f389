package dev.litestream.ltx;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SortedMap;

import dev.litestream.Txid;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link LtxReader} beyond round trips and corruption.
 */
class LtxReaderTests {

	private static final int PAGE_SIZE = 512;

	private final SortedMap<Long, byte[]> pages = LtxFiles.pages(PAGE_SIZE, 1, 1, 2, 3);

	@Test
	@Hazard("E6")
	void snapshotWithRollingChecksumIsReadAndItsChecksumCarried() throws Exception {
		long checksum = rollingChecksum();
		byte[] file = tracked(1, 0).finish(checksum);
		try (LtxReader reader = LtxFiles.reader(file)) {
			assertThatIllegalStateException().isThrownBy(reader::postApplyChecksum);
			LtxRoundTripTests.assertSame(LtxFiles.read(reader), this.pages);
			assertThat(reader.header().tracksChecksum()).isTrue();
			assertThat(reader.postApplyChecksum()).isEqualTo(checksum);
		}
	}

	@Test
	@Hazard("E6")
	void snapshotWithAnotherRollingChecksumIsRefused() throws Exception {
		byte[] file = tracked(1, 0).finish(rollingChecksum() ^ 2);
		assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> LtxFiles.read(file))
			.withMessageContaining("does not match the pages");
	}

	@Test
	@Hazard("E6")
	void incrementWithRollingChecksumsIsReadAndItsChecksumsCarried() throws Exception {
		long before = LtxFormat.CHECKSUM_FLAG | 77;
		long after = LtxFormat.CHECKSUM_FLAG | 78;
		byte[] file = tracked(2, before).finish(after);
		try (LtxReader reader = LtxFiles.reader(file)) {
			assertThat(reader.header().preApplyChecksum()).isEqualTo(before);
			LtxRoundTripTests.assertSame(LtxFiles.read(reader), this.pages);
			assertThat(reader.postApplyChecksum()).isEqualTo(after);
		}
		byte[] without = tracked(2, before).finish(0);
		assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> LtxFiles.read(without))
			.withMessageContaining("post-apply checksum is missing");
	}

	@Test
	@Hazard("E6")
	void filesWithAndWithoutRollingChecksumsMerge() throws Exception {
		byte[] snapshot = tracked(1, 0).finish(rollingChecksum());
		byte[] increment = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 4, 2, 2), LtxFiles.pages(PAGE_SIZE, 9, 2, 4));
		SortedMap<Long, byte[]> expected = LtxFiles.pages(PAGE_SIZE, 1, 1, 2, 3);
		expected.putAll(LtxFiles.pages(PAGE_SIZE, 9, 2, 4));
		LtxRoundTripTests.assertSame(LtxFiles.merge(List.of(snapshot, increment)), expected);
	}

	@Test
	void streamIsClosedWithTheReaderAndWhenItsHeaderIsNoHeader() throws Exception {
		byte[] file = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 3, 2, 2), this.pages);
		Closeable whole = new Closeable(file);
		LtxReader reader = new LtxReader(whole, "test");
		assertThat(whole.closed).isFalse();
		reader.close();
		assertThat(whole.closed).isTrue();
		assertThatIllegalStateException().isThrownBy(() -> reader.nextPage(new byte[PAGE_SIZE]));
		Closeable empty = new Closeable(new byte[0]);
		assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> new LtxReader(empty, "test"));
		assertThat(empty.closed).isTrue();
		file[0] = 'l';
		Closeable other = new Closeable(file);
		assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> LtxReader.verify(other, "test"));
		assertThat(other.closed).isTrue();
	}

	@ParameterizedTest
	@ValueSource(bytes = { 0, 1, 127, -1 })
	void endlessStreamComesToAnEnd(byte value) {
		byte[] header = new byte[LtxFormat.HEADER_SIZE];
		LtxFiles.header(65536, LtxFormat.MAX_PGNO, 2, 2).encode(header, 0);
		InputStream endless = new InputStream() {

			@Override
			public int read() {
				return value & 0xFF;
			}

		};
		assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(
				() -> LtxReader.verify(new SequenceInputStream(new ByteArrayInputStream(header), endless), "test"));
	}

	@Test
	void pageBufferMustHoldAPage() throws Exception {
		byte[] file = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 3, 2, 2), this.pages);
		try (LtxReader reader = LtxFiles.reader(file)) {
			assertThatExceptionOfType(IndexOutOfBoundsException.class)
				.isThrownBy(() -> reader.nextPage(new byte[PAGE_SIZE - 1]));
		}
	}

	@Test
	void nameAndFileChecksumAreThoseOfTheFile() throws Exception {
		byte[] file = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 3, 2, 2), this.pages);
		try (LtxReader reader = new LtxReader(new ByteArrayInputStream(file), "0/some.ltx")) {
			assertThat(reader.name()).isEqualTo("0/some.ltx");
			assertThatIllegalStateException().isThrownBy(reader::fileChecksum).withMessageContaining("0/some.ltx");
			LtxFiles.read(reader);
			assertThat(reader.fileChecksum()).isEqualTo(ByteBuffer.wrap(file).getLong(file.length - Long.BYTES));
		}
	}

	@Test
	void verificationReachesTheLastByte() throws Exception {
		byte[] file = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 3, 2, 2), this.pages);
		file[file.length - 1] ^= 1;
		assertThatExceptionOfType(CorruptLtxException.class)
			.isThrownBy(() -> LtxReader.verify(new ByteArrayInputStream(file), "test"))
			.withMessageContaining("the file checksum does not match");
	}

	@Test
	void contentIsReadOnceAndOnlyAfterItsNumber() throws Exception {
		byte[] file = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 3, 2, 2), this.pages);
		byte[] page = new byte[PAGE_SIZE];
		try (LtxReader reader = LtxFiles.reader(file)) {
			assertThatIllegalStateException().isThrownBy(() -> reader.readContent(page));
		}
		try (LtxReader reader = LtxFiles.reader(file)) {
			assertThat(reader.nextPgno()).isEqualTo(1);
			reader.readContent(page);
			assertThatIllegalStateException().isThrownBy(() -> reader.readContent(page));
		}
	}

	private RawLtx tracked(long min, long preApplyChecksum) throws IOException {
		RawLtx file = new RawLtx(
				new LtxHeader(0, PAGE_SIZE, 3, new Txid(min), new Txid(min), 5, preApplyChecksum, 0, 0, 0, 0, 0));
		for (SortedMap.Entry<Long, byte[]> page : this.pages.entrySet()) {
			file.page(page.getKey(), page.getValue());
		}
		return file;
	}

	private long rollingChecksum() {
		long checksum = 0;
		for (SortedMap.Entry<Long, byte[]> page : this.pages.entrySet()) {
			ByteTableCrc crc = new ByteTableCrc();
			crc.update(new byte[] { 0, 0, 0, page.getKey().byteValue() }, 0, 4);
			crc.update(page.getValue(), 0, PAGE_SIZE);
			checksum ^= crc.value();
		}
		return checksum | LtxFormat.CHECKSUM_FLAG;
	}

	private static final class Closeable extends ByteArrayInputStream {

		private boolean closed;

		Closeable(byte[] bytes) {
			super(bytes);
		}

		@Override
		public void close() {
			this.closed = true;
		}

	}

}
