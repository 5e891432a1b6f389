package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;

import dev.litestream.ltx.CorruptLtxException;

/**
 * Reads objects. The metadata comes from the stream's leader. An object of one chunk is
 * one direct get, small ones are read immediately, others stream. Thread-safe.
 */
final class ObjectGet {

	private static final int SMALL = 1024 * 1024;

	private final JetStreamApi api;

	private final Bucket bucket;

	private final LeaderReads leader;

	private final DirectReads direct;

	private final PartRead parts;

	ObjectGet(JetStreamApi api, Bucket bucket, LeaderReads leader) {
		this.api = api;
		this.bucket = bucket;
		this.leader = leader;
		this.direct = new DirectReads(api, bucket);
		this.parts = new PartRead(api, bucket, leader, this.direct);
	}

	/**
	 * Opens an object, which is verified before its last chunk is handed out. Throws
	 * {@link NoSuchFileException} if it does not exist, and {@link CorruptLtxException}
	 * if it is damaged.
	 */
	InputStream open(String name) throws IOException {
		return open(name, true);
	}

	private InputStream open(String name, boolean verify) throws IOException {
		ObjectMeta meta = meta(name);
		try {
			return open(meta, verify);
		}
		catch (IOException ex) {
			// deleted or replaced since the metadata was read
			ObjectMeta now = meta(name);
			if (now.nuid().equals(meta.nuid())) {
				throw ex;
			}
			return open(now, verify);
		}
	}

	/**
	 * Opens a part of an object. The digest of the whole is not verified. Throws
	 * {@link NoSuchFileException} if the object does not exist.
	 */
	InputStream open(String name, long offset, long length) throws IOException {
		ObjectMeta meta = meta(name);
		InputStream later = (meta.size() > SMALL) ? this.parts.open(meta, offset) : null;
		if (later != null) {
			return new Part(later, length);
		}
		InputStream whole = open(name, false);
		boolean opened = false;
		try {
			whole.skipNBytes(offset);
			opened = true;
			return new Part(whole, length);
		}
		finally {
			if (!opened) {
				whole.close();
			}
		}
	}

	ObjectMeta meta(String name) throws IOException {
		LeaderReads.Stored stored = this.leader.meta(name);
		if (stored == null || stored.meta().deleted()) {
			throw new NoSuchFileException(name, null, "There is no such object at " + this.api.options().location());
		}
		return stored.meta();
	}

	private InputStream open(ObjectMeta meta, boolean verify) throws IOException {
		if (meta.chunks() == 1) {
			return new ByteArrayInputStream(single(meta, verify));
		}
		ChunkStream stream = new ChunkStream(this.api, this.bucket, this.leader, meta, verify);
		if (meta.size() > SMALL) {
			return stream;
		}
		// leaves no consumer behind while many small objects are held open
		try (stream) {
			return new ByteArrayInputStream(stream.readAllBytes());
		}
	}

	private byte[] single(ObjectMeta meta, boolean verify) throws IOException {
		String subject = this.bucket.chunks(meta.nuid());
		DirectReads.Found found = this.direct.last(subject);
		// a follower may not have it yet, and direct gets may be off
		byte[] data = (found != null) ? found.data() : this.leader.last(subject);
		if (data == null) {
			throw damaged(meta, "has none of its chunks");
		}
		if (data.length != meta.size()) {
			throw damaged(meta, "holds " + data.length + " bytes where its metadata says " + meta.size());
		}
		if (verify && !meta.digest().isEmpty()
				&& !meta.digest().equals(ObjectMeta.digest(ChunkUpload.sha256().digest(data)))) {
			throw damaged(meta, "does not match its SHA-256 digest");
		}
		return data;
	}

	private CorruptLtxException damaged(ObjectMeta meta, String how) {
		return new CorruptLtxException(
				"'" + meta.name() + "' at " + this.api.options().location() + " is damaged: it " + how);
	}

}
