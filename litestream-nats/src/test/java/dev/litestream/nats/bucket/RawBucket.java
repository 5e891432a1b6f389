package dev.litestream.nats.bucket;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import dev.litestream.ltx.LtxFileInfo;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.ObjectStore;
import io.nats.client.Options;
import io.nats.client.PurgeOptions;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.StreamInfoOptions;
import io.nats.client.api.StreamState;
import io.nats.client.impl.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A bucket seen through the client library alone, message by message.
 */
public final class RawBucket implements AutoCloseable {

	public final Connection connection;

	public final JetStreamManagement management;

	final Bucket bucket;

	public RawBucket(String url, String bucket) throws IOException, InterruptedException {
		this.connection = Nats.connect(url);
		this.management = this.connection.jetStreamManagement();
		this.bucket = new Bucket(bucket);
	}

	public RawBucket(String url, String bucket, String user, String password) throws IOException, InterruptedException {
		this.connection = Nats
			.connect(new Options.Builder().server(url).userInfo(user.toCharArray(), password.toCharArray()).build());
		this.management = this.connection.jetStreamManagement();
		this.bucket = new Bucket(bucket);
	}

	RawBucket create() throws IOException, JetStreamApiException {
		return create(-1, Duration.ZERO);
	}

	RawBucket create(long maxBytes, Duration ttl) throws IOException, JetStreamApiException {
		this.connection.objectStoreManagement()
			.create(ObjectStoreConfiguration.builder(this.bucket.name()).maxBucketSize(maxBytes).ttl(ttl).build());
		return this;
	}

	public String stream() {
		return this.bucket.stream();
	}

	void deleteBucket() throws IOException, JetStreamApiException {
		this.connection.objectStoreManagement().delete(this.bucket.name());
	}

	ObjectStore objectStore() throws IOException {
		return this.connection.objectStore(this.bucket.name());
	}

	StreamState state() throws IOException, JetStreamApiException {
		return this.management.getStreamInfo(this.bucket.stream(), StreamInfoOptions.allSubjects()).getStreamState();
	}

	public long messages() throws IOException, JetStreamApiException {
		return state().getMsgCount();
	}

	/**
	 * Number of messages by subject, without the bucket's own prefix.
	 * @return for example {@code C.<nuid>} to 3
	 */
	Map<String, Long> subjects() throws IOException, JetStreamApiException {
		Map<String, Long> subjects = new TreeMap<>();
		state().getSubjects()
			.forEach((subject) -> subjects.put(subject.getName().substring(("$O." + this.bucket.name() + ".").length()),
					subject.getCount()));
		return subjects;
	}

	MessageInfo metaMessage(String name) throws IOException, JetStreamApiException {
		return this.management.getLastMessage(this.bucket.stream(), this.bucket.meta(name));
	}

	ObjectMeta meta(String name) throws IOException, JetStreamApiException {
		return ObjectMeta.parse(metaMessage(name).getData());
	}

	List<byte[]> chunks(String name) throws IOException, JetStreamApiException {
		ObjectMeta meta = meta(name);
		List<byte[]> chunks = new ArrayList<>();
		long sequence = 1;
		for (long i = 0; i < meta.chunks(); i++) {
			MessageInfo chunk = this.management.getNextMessage(this.bucket.stream(), sequence,
					this.bucket.chunks(meta.nuid()));
			chunks.add(chunk.getData());
			sequence = chunk.getSeq() + 1;
		}
		return chunks;
	}

	byte[] content(String name) throws IOException, JetStreamApiException {
		ByteArrayOutputStream content = new ByteArrayOutputStream();
		for (byte[] chunk : chunks(name)) {
			content.write(chunk);
		}
		return content.toByteArray();
	}

	/** Stores a chunk of an object that may never be completed. */
	void publishChunk(String nuid) {
		this.connection.request(this.bucket.chunks(nuid), "x".getBytes(StandardCharsets.UTF_8)).join();
	}

	void purge(String subject) throws IOException, JetStreamApiException {
		this.management.purgeStream(this.bucket.stream(), PurgeOptions.subject(subject));
	}

	/**
	 * Stores an object as another client may: chunks of any size.
	 */
	void put(ObjectMeta meta, List<byte[]> chunks) throws IOException, JetStreamApiException {
		for (byte[] chunk : chunks) {
			this.connection.jetStream().publish(this.bucket.chunks(meta.nuid()), chunk);
		}
		putMeta(meta.name(), new String(meta.toJson(), StandardCharsets.UTF_8));
	}

	/**
	 * Exchanges an object's content. Its metadata stays as it is, and so do the sizes of
	 * its chunks as far as there is content for them.
	 */
	void damage(String name, byte[] content) throws IOException, JetStreamApiException {
		String subject = this.bucket.chunks(meta(name).nuid());
		List<byte[]> chunks = chunks(name);
		purge(subject);
		int from = 0;
		for (int i = 0; i < chunks.size(); i++) {
			int to = (i < chunks.size() - 1) ? Math.min(content.length, from + chunks.get(i).length) : content.length;
			this.connection.jetStream().publish(subject, Arrays.copyOfRange(content, from, to));
			from = to;
		}
	}

	/** Exchanges the content of a file below a path. */
	public void damage(@Nullable String path, LtxFileInfo file, byte[] content)
			throws IOException, JetStreamApiException {
		damage(new ObjectNames(path).of(file.level(), file.minTxid(), file.maxTxid()), content);
	}

	void putMeta(String name, String json) throws IOException, JetStreamApiException {
		this.connection.jetStream()
			.publish(this.bucket.meta(name), new Headers().put("Nats-Rollup", "sub"),
					json.getBytes(StandardCharsets.UTF_8));
	}

	@Override
	public void close() throws InterruptedException {
		this.connection.close();
	}

}
