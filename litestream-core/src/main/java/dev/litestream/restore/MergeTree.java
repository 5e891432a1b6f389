package dev.litestream.restore;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.ltx.PageMerge;

/**
 * Merges any number of files with few of them open at a time: as long as there are too
 * many, neighbours are merged into intermediate LTX files. Large files stay as they are,
 * because rewriting them would cost more than it saves.
 */
final class MergeTree {

	/** The most files that are open at the same time. */
	static final int WIDTH = 200;

	/** Files that make up at least this part of the whole are not rewritten. */
	private static final int LARGE_PART = 20;

	/** Memory for all readers of one merge together. */
	private static final int BUFFERS = 16 * 1024 * 1024;

	private static final int LARGEST_BUFFER = 256 * 1024;

	private final StagingDirectory staging;

	MergeTree(StagingDirectory staging) {
		this.staging = staging;
	}

	/**
	 * Opens the merge of contiguous files. Fails if a file is corrupt or an intermediate
	 * one cannot be written.
	 */
	PageMerge open(List<StagedLtx> oldestFirst) throws IOException {
		List<StagedLtx> files = oldestFirst;
		while (files.size() > WIDTH) {
			files = mergeGroups(files);
		}
		return merge(files);
	}

	private List<StagedLtx> mergeGroups(List<StagedLtx> files) throws IOException {
		long large = files.stream().mapToLong((file) -> file.file().size()).sum() / LARGE_PART;
		List<StagedLtx> merged = new ArrayList<>();
		int start = 0;
		for (int i = 0; i <= files.size(); i++) {
			if (i == files.size() || files.get(i).file().size() > large) {
				mergeRun(files.subList(start, i), merged);
				if (i < files.size()) {
					merged.add(files.get(i));
				}
				start = i + 1;
			}
		}
		return merged;
	}

	/** Merges neighbours in groups of about the same number of files. */
	private void mergeRun(List<StagedLtx> run, List<StagedLtx> merged) throws IOException {
		int groups = (run.size() + WIDTH - 1) / WIDTH;
		for (int i = 0; i < groups; i++) {
			List<StagedLtx> group = run.subList((int) ((long) run.size() * i / groups),
					(int) ((long) run.size() * (i + 1) / groups));
			merged.add((group.size() == 1) ? group.get(0) : mergeGroup(group));
		}
	}

	private StagedLtx mergeGroup(List<StagedLtx> group) throws IOException {
		Path path = this.staging.newFile();
		LtxHeader header;
		long size;
		try (PageMerge merge = merge(group);
				OutputStream out = new FileOutputStream(path.toFile());
				LtxWriter writer = new LtxWriter(out, merge.header())) {
			header = merge.header();
			byte[] page = new byte[header.pageSize()];
			for (long pgno = merge.nextPage(page); pgno != 0; pgno = merge.nextPage(page)) {
				writer.writePage(pgno, page, 0);
			}
			size = writer.finish();
		}
		for (StagedLtx file : group) {
			file.discard();
		}
		if (Thread.currentThread().isInterrupted()) {
			throw new InterruptedIOException("Interrupted while files of the replica were merged");
		}
		return StagedLtx.onDisk(new LtxFileInfo(group.get(0).file().level(), header.minTxid(), header.maxTxid(), size,
				header.createdAt()), path);
	}

	private static PageMerge merge(List<StagedLtx> files) throws IOException {
		int bufferSize = Math.min(LARGEST_BUFFER, BUFFERS / files.size());
		List<LtxReader> readers = new ArrayList<>();
		try {
			for (StagedLtx file : files) {
				readers.add(file.reader(bufferSize));
			}
			return new PageMerge(readers);
		}
		catch (IOException | RuntimeException ex) {
			for (LtxReader reader : readers) {
				reader.close();
			}
			throw ex;
		}
	}

}
