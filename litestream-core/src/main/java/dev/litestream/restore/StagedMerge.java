package dev.litestream.restore;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.PageMerge;
import dev.litestream.ltx.PageSizeMismatchException;
import dev.litestream.replica.ReplicaClient;

/**
 * The merge of files of a replica, of any number and size: they are downloaded first,
 * verified by the replica's digest, and merged with few of them open at a time. Small
 * files stay in memory up to a fixed sum, the others go to a directory that
 * {@link #close()} removes. Not thread-safe.
 */
public final class StagedMerge implements Closeable {

	private static final int DOWNLOAD_THREADS = 4;

	private static final long MEMORY = 4L * 1024 * 1024;

	private final StagingDirectory staging;

	private final PageMerge merge;

	private StagedMerge(StagingDirectory staging, PageMerge merge) {
		this.staging = staging;
		this.merge = merge;
	}

	/**
	 * Downloads the files and opens their merge.
	 * @param client the replica
	 * @param parent where the directory for large files is created
	 * @param prefix how its name starts; leftovers of killed processes with this prefix
	 * are removed
	 * @param oldestFirst the files, contiguous
	 * @return the merge
	 * @throws java.nio.file.NoSuchFileException if one of the files does not exist
	 * @throws dev.litestream.ltx.CorruptLtxException if one of the files is not valid
	 * @throws OtherPageSizeException if they have pages of different sizes
	 * @throws IOException if they cannot be read or do not belong together
	 */
	public static StagedMerge open(ReplicaClient client, Path parent, String prefix, List<LtxFileInfo> oldestFirst)
			throws IOException {
		Files.createDirectories(parent);
		StagingDirectory staging = StagingDirectory.within(parent, prefix);
		try {
			List<StagedLtx> files = new Download(client, staging, DOWNLOAD_THREADS, MEMORY).fetch(oldestFirst);
			return new StagedMerge(staging, new MergeTree(staging).open(files));
		}
		catch (UnusableLtxException ex) {
			staging.close();
			throw ex.reason();
		}
		catch (PageSizeMismatchException ex) {
			staging.close();
			throw new OtherPageSizeException("The files of the replica do not belong together: " + ex.getMessage(), ex);
		}
		catch (IllegalArgumentException ex) {
			staging.close();
			throw new IOException("The files of the replica do not belong together: " + ex.getMessage(), ex);
		}
		catch (IOException | RuntimeException ex) {
			staging.close();
			throw ex;
		}
	}

	/**
	 * The header of the merged file: first file's minimum, last file's maximum, commit
	 * and timestamp.
	 * @return the header
	 */
	public LtxHeader header() {
		return this.merge.header();
	}

	/**
	 * The next page.
	 * @param page receives the page
	 * @return the page number, or 0 when all files have been read to their verified end
	 * @throws IOException if a file is corrupt or cannot be read
	 */
	public long nextPage(byte[] page) throws IOException {
		return this.merge.nextPage(page);
	}

	@Override
	public void close() throws IOException {
		try (this.staging) {
			this.merge.close();
		}
	}

}
