package dev.litestream.benchmarks.jmh;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxConflictException;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;

/**
 * A replica that costs nothing: files in memory. Thread-safe.
 */
final class MemoryReplicaClient implements ReplicaClient {

	private final Map<LtxFileInfo, byte[]> files = new ConcurrentHashMap<>();

	@Override
	public String type() {
		return "memory";
	}

	@Override
	public String location() {
		return "memory:";
	}

	@Override
	public void open() {
		// nothing to connect to
	}

	@Override
	public LtxListing list(int level) {
		return new LtxListing(this.files.keySet().stream().filter((file) -> file.level() == level).toList());
	}

	@Override
	public List<LtxListing> listAll() {
		List<LtxListing> listings = new ArrayList<>();
		for (int level = 0; level < LEVELS; level++) {
			listings.add(list(level));
		}
		return listings;
	}

	@Override
	public InputStream read(LtxFileInfo file) throws IOException {
		byte[] content = this.files.get(file);
		if (content == null) {
			throw new NoSuchFileException(file.fileName());
		}
		return new ByteArrayInputStream(content);
	}

	@Override
	public InputStream read(LtxFileInfo file, long offset, long length) throws IOException {
		return new ByteArrayInputStream(read(file).readAllBytes(), Math.toIntExact(offset), Math.toIntExact(length));
	}

	@Override
	public LtxFileInfo write(int level, Txid minTxid, Txid maxTxid, Instant timestamp, InputStream content)
			throws IOException {
		byte[] bytes = content.readAllBytes();
		LtxFileInfo file = new LtxFileInfo(level, minTxid, maxTxid, bytes.length, timestamp);
		byte[] before = this.files.putIfAbsent(file, bytes);
		if (before != null && !Arrays.equals(before, bytes)) {
			throw new LtxConflictException(file.fileName() + " exists with other content");
		}
		return file;
	}

	@Override
	public void delete(Collection<LtxFileInfo> deleted) {
		this.files.keySet().removeAll(deleted);
	}

	@Override
	public void close() {
		// nothing to disconnect from
	}

}
