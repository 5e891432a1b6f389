package dev.litestream.ltx;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

import dev.litestream.test.Hazard;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.xxhash.XXHashFactory;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link PageFrame} with frames put together by hand.
 */
@Hazard("E7")
class PageFrameTests {

	private static final int PAGE_SIZE = 512;

	private static final int INDEPENDENT = 0x60;

	private static final int LINKED = 0x40;

	private final byte[] page = LtxFiles.page(PAGE_SIZE, 4);

	private final ByteBuffer frame = ByteBuffer.allocate(2000).order(ByteOrder.LITTLE_ENDIAN);

	@Test
	void readsSeveralIndependentBlocksAndNothingBeyond() throws Exception {
		start(INDEPENDENT);
		block(0, 200);
		raw(200, 12);
		block(212, 300);
		this.frame.putInt(0).put((byte) 99);
		LtxInput in = input();
		assertThat(read(in)).isEqualTo(this.page);
		in.require(1);
		assertThat(in.byteAt(0)).isEqualTo(99);
	}

	@Test
	void readsAFrameThatArrivesByteByByte() throws Exception {
		this.frame.putInt(0x184D2204).put((byte) (INDEPENDENT | 0x1C)).put((byte) 0x40).putLong(PAGE_SIZE);
		this.frame.put((byte) (hash(this.frame.array(), 4, 10) >>> 8));
		raw(0, 512);
		int hash = hash(this.page, 0, PAGE_SIZE);
		this.frame.putInt(hash).putInt(0).putInt(hash);
		byte[] bytes = Arrays.copyOf(this.frame.array(), this.frame.position());
		LtxInput in = new LtxInput(LtxFiles.byteByByte(bytes), "test", PageCodec.bound(PAGE_SIZE));
		assertThat(read(in)).isEqualTo(this.page);
		assertThat(in.atEnd()).isTrue();
	}

	@Test
	void readsABlockOfOneByte() throws Exception {
		start(INDEPENDENT);
		raw(0, 1);
		block(1, 1);
		raw(2, 510);
		this.frame.putInt(0);
		assertThat(read(input())).isEqualTo(this.page);
	}

	@Test
	void readsOneBlockOfALinkedFrame() throws Exception {
		start(LINKED);
		block(0, 512);
		this.frame.putInt(0);
		assertThat(read(input())).isEqualTo(this.page);
	}

	@Test
	void refusesLinkedBlocks() {
		start(LINKED);
		block(0, 212);
		block(212, 300);
		this.frame.putInt(0);
		assertRefused("linked");
	}

	@Test
	void refusesMoreThanAPage() {
		start(INDEPENDENT);
		block(0, 512);
		raw(0, 1);
		this.frame.putInt(0);
		assertRefused("cannot be decompressed");
	}

	@Test
	void refusesLessThanAPage() {
		start(INDEPENDENT);
		raw(0, 511);
		this.frame.putInt(0);
		assertRefused("511 bytes instead of a page");
	}

	@Test
	void refusesEmptyBlocks() {
		start(INDEPENDENT);
		for (int i = 0; i < 100; i++) {
			this.frame.putInt(1).put((byte) 0);
		}
		assertRefused("cannot be decompressed");
	}

	@Test
	void refusesABlockLongerThanAnyPageNeeds() {
		start(INDEPENDENT);
		this.frame.putInt(0x7FFFFFFF);
		assertRefused("too long");
	}

	@Test
	void refusesUnknownFlagsVersionsAndMagic() {
		for (int flags : new int[] { INDEPENDENT | 1, INDEPENDENT | 2, 0x20, 0xE0 }) {
			start(flags);
			assertRefused("flags");
		}
		this.frame.clear().putInt(0x184D2A50).putInt(0).putInt(0);
		assertRefused("magic");
	}

	@Test
	void refusesADescriptorWithoutItsChecksum() {
		start(INDEPENDENT);
		this.frame.put(6, (byte) ~this.frame.get(6));
		assertRefused("header checksum");
	}

	@Test
	void checksChecksumsOfBlocksAndContent() throws Exception {
		for (int wrong : new int[] { 0, 1, 2 }) {
			start(INDEPENDENT | 0x14);
			raw(0, 512);
			int hash = hash(this.page, 0, PAGE_SIZE);
			this.frame.putInt((wrong == 1) ? ~hash : hash).putInt(0).putInt((wrong == 2) ? hash + 1 : hash);
			if (wrong == 0) {
				assertThat(read(input())).isEqualTo(this.page);
			}
			else {
				assertRefused("a checksum of an LZ4 frame");
			}
		}
	}

	private void start(int flags) {
		this.frame.clear().putInt(0x184D2204).put((byte) flags).put((byte) 0x40);
		this.frame.put((byte) (hash(this.frame.array(), 4, 2) >>> 8));
	}

	private static int hash(byte[] bytes, int offset, int length) {
		return XXHashFactory.safeInstance().hash32().hash(bytes, offset, length, 0);
	}

	private void block(int offset, int length) {
		byte[] block = LZ4Factory.safeInstance()
			.fastCompressor()
			.compress(Arrays.copyOfRange(this.page, offset, offset + length));
		this.frame.putInt(block.length).put(block);
	}

	private void raw(int offset, int length) {
		this.frame.putInt(length | 1 << 31).put(this.page, offset, length);
	}

	private LtxInput input() {
		return new LtxInput(new ByteArrayInputStream(this.frame.array(), 0, this.frame.position()), "test",
				PageCodec.bound(PAGE_SIZE));
	}

	private byte[] read(LtxInput in) throws IOException {
		byte[] read = new byte[PAGE_SIZE];
		PageFrame.read(in, read, PAGE_SIZE);
		return read;
	}

	private void assertRefused(String message) {
		assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> read(input()))
			.withMessageContaining(message);
	}

}
