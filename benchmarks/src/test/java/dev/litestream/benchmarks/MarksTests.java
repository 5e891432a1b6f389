package dev.litestream.benchmarks;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MarksTests {

	@Test
	void theLargestMarkOfAPageIsFound() {
		assertThat(Marks.largest(page("..MARK0000000007....MARK0000000012MARK0000000003"))).isEqualTo(12);
	}

	@Test
	void whatLooksAlmostLikeAMarkIsNone() {
		assertThat(Marks.largest(page("MARK00000000x7 MARK123"))).isZero();
	}

	private static byte[] page(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

}
