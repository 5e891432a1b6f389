package dev.litestream.replica;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ForeignText}.
 */
class ForeignTextTests {

	@ParameterizedTest
	@CsvSource({ "ltx/0/données 'π' 😀.ltx,ltx/0/données 'π' 😀.ltx", "'','" + "'" })
	void whatIsPrintedStays(String text, String shown) {
		assertThat(ForeignText.shown(text)).isEqualTo(shown);
	}

	@Test
	void whatSteersALogOrATerminalIsEscaped() {
		assertThat(ForeignText.shown("a\nb\r\tc\u001b[2Jd\u2028e\u202ef\u0085g"))
			.isEqualTo("a\\u000ab\\u000d\\u0009c\\u001b[2Jd\\u2028e\\u202ef\\u0085g");
	}

	@Test
	void whatIsLongIsCutOff() {
		assertThat(ForeignText.shown("x".repeat(1_000_000))).isEqualTo("x".repeat(300) + "...");
	}

}
