package dev.litestream.restore;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaUnavailableException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Tests for {@link NewestPages}, beside those of the {@link Restorer} that uses it.
 */
class NewestPagesTests {

	@TempDir
	private Path temp;

	private Path output;

	private FileReplicaClient client;

	private History history;

	@BeforeEach
	void openReplica() throws IOException {
		this.output = this.temp.resolve("app.db");
		this.client = new FileReplicaClient(this.temp.resolve("replica"));
		this.client.open();
		this.history = new History(this.client, 4096, this.temp);
	}

	@Test
	void whatABrokenStreamBroughtIsWrittenAnew() throws Exception {
		byte[] image = bigImage(3);
		this.history.add(image);
		byte[] changed = image.clone();
		Arrays.fill(changed, 4096, 3 * 4096, (byte) 1);
		this.history.add(changed);
		byte[] wrong = otherPages(image);
		AtomicInteger reads = new AtomicInteger();
		ReplicaClient client = new InterceptedClient(this.client, (file) -> {
		}) {
			@Override
			public InputStream read(LtxFileInfo file) throws IOException {
				if (file.minTxid().equals(Txid.FIRST) || reads.getAndIncrement() > 0) {
					return super.read(file);
				}
				return new SequenceInputStream(new ByteArrayInputStream(wrong, 0, wrong.length - 1),
						new FailingStream());
			}
		};
		restore(client);
		assertThat(reads).hasValue(2);
		assertThat(this.output).hasBinaryContent(changed);
	}

	/** A file of TXID 2 with the same pages as the real one, but other content. */
	private byte[] otherPages(byte[] before) throws IOException {
		FileReplicaClient unused = new FileReplicaClient(this.temp.resolve("unused"));
		unused.open();
		History other = new History(unused, 4096, this.temp);
		other.add(before);
		byte[] after = before.clone();
		Arrays.fill(after, 4096, 3 * 4096, (byte) 2);
		other.add(after);
		return other.encode(2, 2);
	}

	@Test
	void filesWithPagesOfDifferentSizesAreRefused() throws Exception {
		this.history.add(bigImage(4));
		FileReplicaClient unused = new FileReplicaClient(this.temp.resolve("unused"));
		unused.open();
		History other = new History(unused, 8192, this.temp);
		other.add(new byte[8192]);
		other.add(bigImage(4));
		this.client.write(0, new Txid(2), new Txid(2), History.at(2), new ByteArrayInputStream(other.encode(2, 2)));
		assertThatIOException().isThrownBy(() -> restore(this.client))
			.withMessageContaining("do not belong together")
			.withMessageContaining("4096")
			.withMessageContaining("8192");
		assertThat(this.output).doesNotExist();
	}

	private void restore(ReplicaClient client) throws IOException {
		new Restorer().restore(client,
				new RestoreOptions(this.output, RestoreTarget.LATEST, IntegrityCheck.NONE, false), null);
	}

	private static byte[] bigImage(int pages) {
		byte[] image = new byte[4096 * pages];
		new Random(pages).nextBytes(image);
		return image;
	}

	/** The replica goes away. */
	private static final class FailingStream extends InputStream {

		@Override
		public int read() throws IOException {
			throw new ReplicaUnavailableException("away for a moment");
		}

	}

}
