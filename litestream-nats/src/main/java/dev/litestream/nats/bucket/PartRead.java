package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

import org.jspecify.annotations.Nullable;

/**
 * Reads a part of an object without the chunks before it, where their places are proved:
 * <ol>
 * <li>Chunks are at most {@code max_chunk_size} long. If there are no more of them than
 * that demands and the last one has just the bytes that are left over, all others have
 * exactly that size.</li>
 * <li>If the first and the last chunk are as far apart in the stream as there are chunks,
 * no other message lies between them, and each chunk's sequence is known.</li>
 * </ol>
 * Objects of Litestream seldom pass the first test, as it cuts chunks anywhere; objects
 * written while others were written may fail the second. Thread-safe.
 */
final class PartRead {

	private final JetStreamApi api;

	private final Bucket bucket;

	private final LeaderReads leader;

	private final DirectReads direct;

	PartRead(JetStreamApi api, Bucket bucket, LeaderReads leader, DirectReads direct) {
		this.api = api;
		this.bucket = bucket;
		this.leader = leader;
		this.direct = direct;
	}

	/**
	 * Opens an object at a byte, or returns {@code null} if it has to be read from its
	 * start.
	 */
	@Nullable InputStream open(ObjectMeta meta, long offset) throws IOException {
		long chunkSize = meta.maxChunkSize();
		if (offset < chunkSize || chunkSize == 0 || meta.chunks() != (meta.size() + chunkSize - 1) / chunkSize) {
			return null;
		}
		String subject = this.bucket.chunks(meta.nuid());
		DirectReads.Found last = this.direct.last(subject);
		long beforeLast = (meta.chunks() - 1) * chunkSize;
		if (last == null || last.data().length != meta.size() - beforeLast) {
			return null;
		}
		if (offset >= beforeLast) {
			int skip = (int) (offset - beforeLast);
			return new ByteArrayInputStream(last.data(), skip, last.data().length - skip);
		}
		DirectReads.Found first = this.direct.first(subject);
		if (first == null || last.sequence() - first.sequence() != meta.chunks() - 1) {
			return null;
		}
		long chunk = offset / chunkSize;
		ChunkStream stream = new ChunkStream(this.api, this.bucket, this.leader, meta, chunk, first.sequence() + chunk);
		boolean opened = false;
		try {
			stream.skipNBytes(offset - chunk * chunkSize);
			opened = true;
			return stream;
		}
		finally {
			if (!opened) {
				stream.close();
			}
		}
	}

}
