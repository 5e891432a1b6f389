package dev.litestream.ltx;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.litestream.Txid;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Tests for {@link LtxWriter}.
 */
class LtxWriterTests {

	private final ByteArrayOutputStream out = new ByteArrayOutputStream();

	private final byte[] page = LtxFiles.page(512, 4);

	@Test
	@Hazard("E6")
	void headerWithRollingChecksumIsRefused() {
		LtxHeader header = new LtxHeader(0, 512, 1, new Txid(1), new Txid(1), 0, 0, 0, 0, 0, 0, 0);
		assertThatIllegalArgumentException().isThrownBy(() -> new LtxWriter(this.out, header))
			.withMessageContaining("rolling checksum");
	}

	@Test
	void emptyDatabaseIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> new LtxWriter(this.out, LtxFiles.header(512, 0, 2, 2)))
			.withMessageContaining("at least one page");
	}

	@Test
	void pageThatBreaksARuleIsRefusedAndLeavesNoTrace() throws Exception {
		try (LtxWriter writer = new LtxWriter(this.out, LtxFiles.header(512, 9, 2, 2))) {
			writer.writePage(3, this.page, 0);
			for (long pgno : new long[] { 3, 2, 0, -1, 10, 1L << 32 }) {
				assertThatIllegalArgumentException().isThrownBy(() -> writer.writePage(pgno, this.page, 0))
					.withMessageContaining("0000000000000002-0000000000000002.ltx");
			}
			assertThatExceptionOfType(IndexOutOfBoundsException.class)
				.isThrownBy(() -> writer.writePage(4, this.page, 1));
			writer.writePage(9, this.page, 0);
			writer.finish();
		}
		assertThat(LtxFiles.read(this.out.toByteArray())).containsOnlyKeys(3L, 9L);
	}

	@Test
	void pageIsTakenFromItsOffset() throws Exception {
		byte[] large = new byte[2000];
		System.arraycopy(this.page, 0, large, 1234, 512);
		try (LtxWriter writer = new LtxWriter(this.out, LtxFiles.header(512, 9, 2, 2))) {
			writer.writePage(3, large, 1234);
			writer.finish();
		}
		assertThat(LtxFiles.read(this.out.toByteArray()).get(3L)).isEqualTo(this.page);
	}

	@Test
	@Hazard("B1")
	void incompleteSnapshotCannotBeFinished() throws Exception {
		for (long present : new long[] { 0, 1, 2 }) {
			try (LtxWriter writer = new LtxWriter(this.out, LtxFiles.header(512, 3, 1, 7))) {
				for (long pgno = 1; pgno <= present; pgno++) {
					writer.writePage(pgno, this.page, 0);
				}
				assertThatIllegalStateException().isThrownBy(writer::finish)
					.withMessageContaining("page " + (present + 1) + " is missing");
			}
		}
	}

	@Test
	@Hazard("B1")
	void snapshotWithAHoleIsRefused() throws Exception {
		try (LtxWriter writer = new LtxWriter(this.out, LtxFiles.header(512, 3, 1, 7))) {
			assertThatIllegalArgumentException().isThrownBy(() -> writer.writePage(2, this.page, 0));
			writer.writePage(1, this.page, 0);
			assertThatIllegalArgumentException().isThrownBy(() -> writer.writePage(3, this.page, 0));
		}
	}

	@Test
	@Hazard("B6")
	void snapshotBeyondTheLockPageComesBack() throws Exception {
		long lockPage = LtxFormat.lockPage(65536);
		byte[] empty = new byte[65536];
		try (LtxWriter writer = new LtxWriter(this.out, LtxFiles.header(65536, lockPage + 1, 1, 1))) {
			for (long pgno = 1; pgno < lockPage; pgno++) {
				writer.writePage(pgno, empty, 0);
			}
			assertThatIllegalStateException().isThrownBy(writer::finish);
			assertThatIllegalArgumentException().isThrownBy(() -> writer.writePage(lockPage, empty, 0));
			writer.writePage(lockPage + 1, empty, 0);
			writer.finish();
		}
		LtxHeader header = LtxReader.verify(new ByteArrayInputStream(this.out.toByteArray()), "test");
		assertThat(header.commit()).isEqualTo(lockPage + 1);
	}

	@Test
	void nothingCanBeWrittenToAFinishedOrClosedFile() throws Exception {
		LtxWriter finished = new LtxWriter(this.out, LtxFiles.header(512, 9, 2, 2));
		finished.finish();
		int size = this.out.size();
		assertThatIllegalStateException().isThrownBy(() -> finished.writePage(1, this.page, 0));
		assertThatIllegalStateException().isThrownBy(finished::finish);
		finished.close();
		LtxWriter closed = new LtxWriter(this.out, LtxFiles.header(512, 9, 2, 2));
		closed.close();
		assertThatIllegalStateException().isThrownBy(() -> closed.writePage(1, this.page, 0));
		assertThatIllegalStateException().isThrownBy(closed::finish);
		assertThat(this.out.size()).isEqualTo(size);
	}

	@Test
	void finishedFileHasLeftTheBufferOfTheStream() throws Exception {
		LtxWriter writer = new LtxWriter(new BufferedOutputStream(this.out, 1 << 20), LtxFiles.header(512, 9, 2, 2));
		writer.writePage(3, this.page, 0);
		long size = writer.finish();
		assertThat(this.out.size()).isEqualTo(size);
		assertThat(LtxFiles.read(this.out.toByteArray())).containsOnlyKeys(3L);
		writer.close();
	}

	@Test
	void streamIsClosedWithTheWriter() throws Exception {
		AtomicBoolean closed = new AtomicBoolean();
		OutputStream stream = new FilterOutputStream(this.out) {

			@Override
			public void close() {
				closed.set(true);
			}

		};
		LtxWriter writer = new LtxWriter(stream, LtxFiles.header(512, 9, 2, 2));
		writer.finish();
		assertThat(closed).isFalse();
		writer.close();
		assertThat(closed).isTrue();
	}

	@Test
	void fileThatIsClosedUnfinishedIsNotTaken() throws Exception {
		try (LtxWriter writer = new LtxWriter(this.out, LtxFiles.header(65536, 40, 2, 2))) {
			for (long pgno = 3; pgno < 12; pgno++) {
				writer.writePage(pgno, LtxFiles.page(65536, 3), 0);
			}
		}
		assertThat(this.out.size()).isPositive();
		assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> LtxFiles.read(this.out.toByteArray()))
			.withMessageContaining("ends early");
	}

	@Test
	void writerThatFailedOnceCannotFinish() throws Exception {
		OutputStream full = new OutputStream() {

			private int failures = 1;

			@Override
			public void write(int b) {
				throw new UnsupportedOperationException();
			}

			@Override
			public void write(byte[] bytes, int offset, int length) throws IOException {
				if (this.failures-- > 0) {
					throw new IOException("No space left on device");
				}
			}

		};
		byte[] random = LtxFiles.page(65536, 3);
		LtxWriter writer = new LtxWriter(full, LtxFiles.header(65536, 9, 2, 2));
		assertThatIOException().isThrownBy(() -> {
			writer.writePage(2, random, 0);
			writer.writePage(3, random, 0);
		}).withMessage("No space left on device");
		assertThatIllegalStateException().isThrownBy(() -> writer.writePage(4, random, 0));
		assertThatIllegalStateException().isThrownBy(writer::finish);
	}

}
