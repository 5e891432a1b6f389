package dev.litestream.benchmarks.jmh;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

import dev.litestream.Txid;
import dev.litestream.benchmarks.writer.Rows;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxWriter;

/**
 * Pages and LTX files for benchmarks, as the application of the other measurements would
 * leave them.
 */
final class SampleFiles {

	static final int PAGE_SIZE = 4096;

	private SampleFiles() {
	}

	/** A number of pages, one after the other. */
	static byte[] pages(int count) {
		byte[] pages = new byte[count * PAGE_SIZE];
		Rows rows = new Rows(1);
		for (int i = 0; i < count; i++) {
			System.arraycopy(rows.next(PAGE_SIZE), 0, pages, i * PAGE_SIZE, PAGE_SIZE);
		}
		return pages;
	}

	/**
	 * Writes a file.
	 * @param out where to
	 * @param txid its position
	 * @param pages the database, from page 1 on
	 * @param first the first page to write, from 0
	 * @param step the distance to the next one
	 */
	static void write(OutputStream out, long txid, byte[] pages, int first, int step) throws IOException {
		int count = pages.length / PAGE_SIZE;
		try (LtxWriter writer = new LtxWriter(out, new LtxHeader(LtxFormat.NO_CHECKSUM, PAGE_SIZE, count,
				new Txid(txid), new Txid(txid), 1, 0, 0, 0, 0, 0, 0))) {
			for (int i = first; i < count; i += step) {
				writer.writePage(i + 1, pages, i * PAGE_SIZE);
			}
			writer.finish();
		}
	}

	static byte[] file(long txid, byte[] pages, int first, int step) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		write(out, txid, pages, first, step);
		return out.toByteArray();
	}

}
