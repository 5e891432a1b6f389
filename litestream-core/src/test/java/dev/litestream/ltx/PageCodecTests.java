package dev.litestream.ltx;

import java.util.Random;
import java.util.stream.Stream;

import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PageCodec} with the native library and both fallbacks.
 */
class PageCodecTests {

	static Stream<PageCodec> codecs() {
		return Stream.of(LZ4Factory.fastestInstance(), LZ4Factory.fastestJavaInstance(), LZ4Factory.safeInstance())
			.map(PageCodec::new);
	}

	@ParameterizedTest
	@MethodSource("codecs")
	void pagesComeBackThroughEveryLibrary(PageCodec codec) {
		for (int pageSize = 512; pageSize <= 65536; pageSize *= 2) {
			for (int seed = 0; seed < 6; seed++) {
				byte[] page = LtxFiles.page(pageSize, seed);
				byte[] block = new byte[PageCodec.bound(pageSize)];
				int size = codec.compress(page, 0, pageSize, block, 0);
				for (PageCodec other : codecs().toList()) {
					byte[] read = new byte[pageSize];
					assertThat(other.decompress(block, 0, size, read, 0, pageSize)).isEqualTo(pageSize);
					assertThat(read).isEqualTo(page);
				}
			}
		}
	}

	@ParameterizedTest
	@MethodSource("codecs")
	void blockThatIsNotValidOrLargerThanTheLimitHasNoContent(PageCodec codec) {
		byte[] block = new byte[PageCodec.bound(512)];
		int size = codec.compress(LtxFiles.page(512, 4), 0, 512, block, 0);
		byte[] page = new byte[512];
		assertThat(codec.decompress(block, 0, size, page, 0, 511)).isEqualTo(-1);
		assertThat(codec.decompress(block, 0, size - 1, page, 0, 512)).isEqualTo(-1);
	}

	@ParameterizedTest
	@MethodSource("codecs")
	void blockIsReadFromAStreamThatGivesByteByByte(PageCodec codec) throws Exception {
		byte[] page = LtxFiles.page(512, 4);
		byte[] block = new byte[4 + PageCodec.bound(512)];
		int size = codec.compress(page, 0, 512, block, 4);
		BigEndian.putInt(block, 0, size);
		LtxInput in = new LtxInput(LtxFiles.byteByByte(block), "test", block.length);
		byte[] read = new byte[512];
		codec.readBlock(in, 1, read, 512);
		assertThat(read).isEqualTo(page);
		assertThat(in.offset()).isEqualTo(4 + size);
	}

	@ParameterizedTest
	@MethodSource("codecs")
	void garbageNeverWritesBeyondThePageNorThrows(PageCodec codec) {
		Random random = new Random(3);
		byte[] block = new byte[PageCodec.bound(512)];
		byte[] page = new byte[512 + 64];
		for (int run = 0; run < 20_000; run++) {
			if (run % 2 == 0) {
				random.nextBytes(block);
			}
			else {
				codec.compress(LtxFiles.page(512, run), 0, 512, block, 0);
				block[random.nextInt(block.length)] = (byte) random.nextInt();
			}
			int size = 1 + random.nextInt(block.length);
			assertThat(codec.decompress(block, 0, size, page, 0, 512)).isLessThanOrEqualTo(512);
		}
		assertThat(java.util.Arrays.copyOfRange(page, 512, page.length)).containsOnly(0);
	}

}
