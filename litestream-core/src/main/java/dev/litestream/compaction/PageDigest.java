package dev.litestream.compaction;

import java.io.IOException;
import java.io.InputStream;

import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.Crc64;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.replica.ReplicaClient;

/**
 * The content of an LTX file, whichever compressor wrote it: its range, its commit and
 * its pages. Two files with the same digest restore the same. Not thread-safe.
 */
final class PageDigest {

	private final LtxHeader header;

	private final Crc64 checksum = new Crc64();

	private final byte[] number = new byte[Long.BYTES];

	private long pages;

	PageDigest(LtxHeader header) {
		this.header = header;
	}

	/**
	 * The digest of a replica's file, read to its verified end. Throws
	 * {@link java.nio.file.NoSuchFileException} if the file does not exist and
	 * {@link CorruptLtxException} if it is not valid or not what its name says.
	 */
	static PageDigest read(ReplicaClient client, LtxFileInfo file) throws IOException {
		String name = file.level() + "/" + file.fileName();
		try (InputStream in = client.read(file); LtxReader reader = new LtxReader(in, name)) {
			LtxHeader header = reader.header();
			if (!header.minTxid().equals(file.minTxid()) || !header.maxTxid().equals(file.maxTxid())) {
				throw new CorruptLtxException(name, 16,
						"it holds TXID " + header.minTxid() + " to " + header.maxTxid() + ", not what its name says");
			}
			PageDigest digest = new PageDigest(header);
			byte[] page = new byte[header.pageSize()];
			for (long pgno = reader.nextPage(page); pgno != 0; pgno = reader.nextPage(page)) {
				digest.add(pgno, page);
			}
			return digest;
		}
	}

	void add(long pgno, byte[] page) {
		for (int i = 0; i < Long.BYTES; i++) {
			this.number[i] = (byte) (pgno >>> (8 * i));
		}
		this.checksum.update(this.number, 0, Long.BYTES);
		this.checksum.update(page, 0, this.header.pageSize());
		this.pages++;
	}

	boolean isSame(PageDigest other) {
		return this.pages == other.pages && this.checksum.value() == other.checksum.value()
				&& this.header.pageSize() == other.header.pageSize() && this.header.commit() == other.header.commit()
				&& this.header.minTxid().equals(other.header.minTxid())
				&& this.header.maxTxid().equals(other.header.maxTxid());
	}

}
