package dev.litestream.ltx;

import java.nio.charset.StandardCharsets;
import java.util.Random;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Crc64}.
 */
class Crc64Tests {

	@Test
	void givesTheCheckValueOfTheCatalogue() {
		byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
		assertThat(Long.toHexString(of(digits, 0, digits.length))).isEqualTo("b90956c775a41001");
	}

	@Test
	void isZeroWithoutBytes() {
		assertThat(new Crc64().value()).isZero();
	}

	@Test
	void agreesWithTheByteTableForEveryLengthAndAlignment() {
		Random random = new Random(1);
		byte[] bytes = new byte[700];
		random.nextBytes(bytes);
		for (int offset = 0; offset < 9; offset++) {
			for (int length = 0; length <= bytes.length - offset; length++) {
				assertThat(of(bytes, offset, length)).as("offset %d length %d", offset, length)
					.isEqualTo(ByteTableCrc.of(bytes, offset, length));
			}
		}
	}

	@Test
	void agreesWithTheByteTableWhenBytesComeInParts() {
		Random random = new Random(2);
		for (int run = 0; run < 500; run++) {
			byte[] bytes = new byte[random.nextInt(5000)];
			random.nextBytes(bytes);
			Crc64 crc = new Crc64();
			for (int done = 0; done < bytes.length;) {
				int part = 1 + random.nextInt(Math.min(bytes.length - done, 1 + random.nextInt(900)));
				crc.update(bytes, done, part);
				done += part;
			}
			assertThat(crc.value()).isEqualTo(ByteTableCrc.of(bytes, 0, bytes.length));
		}
	}

	@Test
	void takesInABlockByItsOwnChecksum() {
		Random random = new Random(3);
		for (int power = 0; power <= 16; power++) {
			byte[] bytes = new byte[(1 << power) + 77];
			random.nextBytes(bytes);
			for (int before : new int[] { 0, 1, 60 }) {
				Crc64 crc = new Crc64();
				crc.update(bytes, 0, before);
				crc.append(of(bytes, before, 1 << power), 1 << power);
				crc.update(bytes, before + (1 << power), 17);
				assertThat(crc.value()).as("2^%d bytes behind %d", power, before)
					.isEqualTo(ByteTableCrc.of(bytes, 0, before + (1 << power) + 17));
			}
		}
	}

	private static long of(byte[] bytes, int offset, int length) {
		Crc64 crc = new Crc64();
		crc.update(bytes, offset, length);
		return crc.value();
	}

}
