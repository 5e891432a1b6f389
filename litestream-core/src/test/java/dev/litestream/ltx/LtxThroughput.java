package dev.litestream.ltx;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Prints how fast LTX files are written, read and merged, in MB (10^6 bytes) of pages per
 * second of one thread's CPU time. A program, not a test: run its {@code main}.
 */
public final class LtxThroughput {

	private static final int PAGE_SIZE = 4096;

	private static final int PAGES = 25_000;

	private LtxThroughput() {
	}

	/**
	 * Measures.
	 * @param args none
	 * @throws IOException never
	 */
	public static void main(String[] args) throws IOException {
		for (boolean text : new boolean[] { true, false }) {
			byte[] database = text ? rows() : blobs();
			for (int round = 0; round < 6; round++) {
				ByteArrayOutputStream out = new ByteArrayOutputStream(database.length + database.length / 10);
				long start = cpuTime();
				try (LtxWriter writer = new LtxWriter(out, LtxFiles.header(PAGE_SIZE, PAGES, 1, 1))) {
					for (int i = 0; i < PAGES; i++) {
						writer.writePage(i + 1, database, i * PAGE_SIZE);
					}
					writer.finish();
				}
				long written = cpuTime();
				byte[] file = out.toByteArray();
				long reading = cpuTime();
				LtxReader.verify(new ByteArrayInputStream(file), "test");
				long read = cpuTime();
				double merged = merge(database);
				long crcStart = cpuTime();
				Crc64 crc = new Crc64();
				for (int i = 0; i < PAGES; i++) {
					crc.update(database, i * PAGE_SIZE, PAGE_SIZE);
				}
				double crcRate = rate(database.length, cpuTime() - crcStart);
				System.out.printf(Locale.ROOT,
						"%s ratio %.2f: write %.0f, read and verify %.0f, merge 16 %.0f, CRC %.0f (%x)%n",
						text ? "text" : "blob", (double) database.length / file.length,
						rate(database.length, written - start), rate(database.length, read - reading), merged, crcRate,
						crc.value());
			}
		}
	}

	private static double merge(byte[] database) throws IOException {
		List<byte[]> files = new ArrayList<>();
		for (int part = 0; part < 16; part++) {
			ByteArrayOutputStream out = new ByteArrayOutputStream();
			try (LtxWriter writer = new LtxWriter(out, LtxFiles.header(PAGE_SIZE, PAGES, part + 2, part + 2))) {
				for (int i = part; i < PAGES; i += 16) {
					writer.writePage(i + 1, database, i * PAGE_SIZE);
				}
				writer.finish();
			}
			files.add(out.toByteArray());
		}
		long start = cpuTime();
		List<LtxReader> readers = new ArrayList<>();
		for (byte[] file : files) {
			readers.add(LtxFiles.reader(file));
		}
		byte[] page = new byte[PAGE_SIZE];
		try (PageMerge merge = new PageMerge(readers)) {
			for (long pgno = merge.nextPage(page); pgno != 0;) {
				pgno = merge.nextPage(page);
			}
		}
		return rate(database.length, cpuTime() - start);
	}

	/** Of this thread, so that other work on the machine does not count. */
	private static long cpuTime() {
		return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
	}

	private static double rate(long bytes, long nanos) {
		return bytes * 1e3 / nanos;
	}

	/** Looks like table rows of words and numbers. */
	private static byte[] rows() {
		byte[] database = new byte[PAGES * PAGE_SIZE];
		Random random = new Random(1);
		String[] words = new String[500];
		for (int i = 0; i < words.length; i++) {
			words[i] = Long.toString(random.nextLong() >>> (20 + random.nextInt(30)), 36);
		}
		for (int at = 0; at < database.length;) {
			String row = random.nextInt(1_000_000) + "\u0001" + words[random.nextInt(500)] + " "
					+ words[random.nextInt(500)] + " " + words[random.nextInt(50)] + "@example.org\u0002";
			byte[] bytes = row.getBytes(StandardCharsets.US_ASCII);
			int length = Math.min(bytes.length, database.length - at);
			System.arraycopy(bytes, 0, database, at, length);
			at += length;
		}
		return database;
	}

	/** Three quarters of each page random. */
	private static byte[] blobs() {
		byte[] database = new byte[PAGES * PAGE_SIZE];
		Random random = new Random(1);
		byte[] blob = new byte[PAGE_SIZE * 3 / 4];
		for (int i = 0; i < PAGES; i++) {
			random.nextBytes(blob);
			System.arraycopy(blob, 0, database, i * PAGE_SIZE, blob.length);
		}
		return database;
	}

}
