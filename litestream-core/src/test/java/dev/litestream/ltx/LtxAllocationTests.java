package dev.litestream.ltx;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Memory is needed per file, not per page.
 */
class LtxAllocationTests {

	private static final int PAGES = 20_000;

	private static final int PAGE_SIZE = 512;

	private final byte[] page = LtxFiles.page(PAGE_SIZE, 4);

	@Test
	void writingNeedsAFewBytesPerPage() throws Exception {
		write(OutputStream.nullOutputStream(), 2);
		long before = allocated();
		write(OutputStream.nullOutputStream(), 2);
		assertThat((allocated() - before) / PAGES).isLessThan(16);
	}

	@Test
	void readingNeedsNothingPerPage() throws Exception {
		byte[] file = file(2);
		LtxReader.verify(new ByteArrayInputStream(file), "test");
		long before = allocated();
		LtxReader.verify(new ByteArrayInputStream(file), "test");
		assertThat((allocated() - before) / PAGES).isLessThan(8);
	}

	@Test
	void mergingNeedsNothingPerPage() throws Exception {
		List<byte[]> files = List.of(file(2), file(3), file(4), file(5));
		merge(files);
		long before = allocated();
		merge(files);
		assertThat((allocated() - before) / PAGES).isLessThan(8);
	}

	private byte[] file(long txid) throws Exception {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		write(out, txid);
		return out.toByteArray();
	}

	private void write(OutputStream out, long txid) throws Exception {
		try (LtxWriter writer = new LtxWriter(out, LtxFiles.header(PAGE_SIZE, PAGES, txid, txid))) {
			for (long pgno = 1; pgno <= PAGES; pgno++) {
				writer.writePage(pgno, this.page, 0);
			}
			writer.finish();
		}
	}

	private void merge(List<byte[]> files) throws Exception {
		List<LtxReader> readers = new ArrayList<>();
		for (byte[] file : files) {
			readers.add(new LtxReader(new ByteArrayInputStream(file), "test", 0));
		}
		try (PageMerge merge = new PageMerge(readers)) {
			for (long pgno = -1; pgno != 0;) {
				pgno = merge.nextPage(this.page);
			}
		}
	}

	private static long allocated() {
		return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
	}

}
