package dev.litestream;

import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Txid}.
 */
class TxidTests {

	@ParameterizedTest
	@ValueSource(strings = { "0000000000000000", "0000000000000001", "000000000000002a", "7fffffffffffffff",
			"8000000000000000", "ffffffffffffffff" })
	void textComesBack(String text) {
		assertThat(Txid.parse(text)).hasToString(text);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "1", "000000000000001", "00000000000000001", "000000000000000g", "+000000000000001",
			"-000000000000001", "0x00000000000001", "000000000000000 ", "00000000000000\u0661\u0661",
			"00000000000000\uFF11\uFF11" })
	void anythingElseIsRefused(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> Txid.parse(text))
			.withMessageContaining("16 hexadecimal digits");
	}

	@Test
	@Hazard("B8")
	void orderIsUnsigned() {
		Txid large = Txid.parse("8000000000000000");
		Txid small = Txid.parse("7fffffffffffffff");
		assertThat(large).isGreaterThan(small);
		assertThat(small.isBefore(large)).isTrue();
		assertThat(large.isBefore(small)).isFalse();
		assertThat(large.isAfter(small)).isTrue();
		assertThat(small.isAfter(small)).isFalse();
		assertThat(Txid.max(small, large)).isEqualTo(large);
		assertThat(Txid.max(large, small)).isEqualTo(large);
	}

	@Test
	void neighboursCrossTheSign() {
		assertThat(Txid.parse("7fffffffffffffff").next()).isEqualTo(Txid.parse("8000000000000000"));
		assertThat(Txid.parse("8000000000000000").previous()).isEqualTo(Txid.parse("7fffffffffffffff"));
		assertThat(Txid.FIRST.previous()).isEqualTo(Txid.ZERO);
		assertThat(Txid.ZERO.isZero()).isTrue();
		assertThat(Txid.FIRST.isZero()).isFalse();
	}

}
