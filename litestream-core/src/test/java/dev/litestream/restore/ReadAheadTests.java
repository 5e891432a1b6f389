package dev.litestream.restore;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ReadAhead}.
 */
@Timeout(60)
class ReadAheadTests {

	private final ExecutorService executor = Executors.newCachedThreadPool();

	@AfterEach
	void stop() {
		this.executor.shutdownNow();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 256 * 1024, 256 * 1024 + 1, 9_000_000 })
	void everyByteArrives(int size) throws Exception {
		byte[] content = new byte[size];
		new Random(size).nextBytes(content);
		try (ReadAhead in = new ReadAhead(() -> new ByteArrayInputStream(content), size, this.executor)) {
			assertThat(in.readAllBytes()).isEqualTo(content);
			assertThat(in.read()).isEqualTo(-1);
			assertThat(in.read()).isEqualTo(-1);
		}
	}

	@Test
	void aFailureArrivesAfterTheBytesBeforeIt() throws Exception {
		IOException failure = new IOException("digest");
		InputStream failing = new InputStream() {

			private int left = 256 * 1024;

			@Override
			public int read() throws IOException {
				if (this.left-- > 0) {
					return 1;
				}
				throw failure;
			}
		};
		try (ReadAhead in = new ReadAhead(() -> failing, 9_000_000, this.executor)) {
			assertThat(in.readNBytes(256 * 1024)).hasSize(256 * 1024);
			assertThatExceptionOfType(IOException.class).isThrownBy(in::read).isSameAs(failure);
			assertThatExceptionOfType(IOException.class).isThrownBy(in::read).isSameAs(failure);
		}
	}

	@Test
	void anErrorOfTheReaderArrivesToo() throws Exception {
		OutOfMemoryError error = new OutOfMemoryError("no block left");
		try (ReadAhead in = new ReadAhead(() -> {
			throw error;
		}, 9_000_000, this.executor)) {
			assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(in::read).isSameAs(error);
		}
	}

	@Test
	void itReadsAheadButNotWithoutBound() throws Exception {
		AtomicInteger reads = new AtomicInteger();
		CountDownLatch ahead = new CountDownLatch(4);
		InputStream endless = new InputStream() {
			@Override
			public int read() {
				return 1;
			}

			@Override
			public int read(byte[] target, int offset, int length) {
				reads.incrementAndGet();
				ahead.countDown();
				Arrays.fill(target, offset, offset + length, (byte) 1);
				return length;
			}
		};
		try (ReadAhead in = new ReadAhead(() -> endless, 9_000_000, this.executor)) {
			ahead.await();
			assertThat(in.read()).isEqualTo(1);
		}
		assertThat(reads).hasValueLessThan(20);
	}

	@Test
	void closingEndsTheOtherThreadBeforeTheStream() throws Exception {
		AtomicBoolean reading = new AtomicBoolean();
		AtomicBoolean closedWhileReading = new AtomicBoolean();
		CountDownLatch started = new CountDownLatch(1);
		CountDownLatch closed = new CountDownLatch(1);
		InputStream slow = new InputStream() {
			@Override
			public int read() {
				return 1;
			}

			@Override
			public int read(byte[] target, int offset, int length) {
				reading.set(true);
				started.countDown();
				Thread.yield();
				reading.set(false);
				return length;
			}

			@Override
			public void close() {
				closedWhileReading.set(reading.get());
				closed.countDown();
			}
		};
		ReadAhead in = new ReadAhead(() -> slow, 9_000_000, this.executor);
		started.await();
		in.close();
		assertThat(closed.getCount()).isZero();
		assertThat(closedWhileReading).isFalse();
	}

	@Test
	void anInterruptEndsTheWait() throws Exception {
		CountDownLatch end = new CountDownLatch(1);
		InputStream stuck = new InputStream() {
			@Override
			public int read() throws IOException {
				try {
					end.await();
				}
				catch (InterruptedException ex) {
					throw new InterruptedIOException();
				}
				return -1;
			}
		};
		ReadAhead in = new ReadAhead(() -> stuck, 9_000_000, this.executor);
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(InterruptedIOException.class).isThrownBy(in::read);
		assertThat(Thread.interrupted()).isTrue();
		end.countDown();
		in.close();
	}

}
