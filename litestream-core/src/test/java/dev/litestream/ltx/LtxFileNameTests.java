package dev.litestream.ltx;

import java.time.Instant;

import dev.litestream.LtxFile;
import dev.litestream.Txid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LtxFileName} and {@link LtxFileInfo}.
 */
class LtxFileNameTests {

	@Test
	void namesComeBack() {
		String name = LtxFileName.of(new Txid(42), new Txid(-1));
		assertThat(name).isEqualTo("000000000000002a-ffffffffffffffff.ltx");
		LtxFileName parsed = LtxFileName.parse(name);
		assertThat(parsed).isEqualTo(new LtxFileName(new Txid(42), new Txid(-1))).hasToString(name);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ".ltx", "0000000000000001.ltx", "0000000000000001-0000000000000002.ltx.tmp",
			"0000000000000001_0000000000000002.ltx", "0000000000000001-0000000000000002.LTX",
			"0000000000000001-000000000000000A.ltx", "000000000000000A-000000000000000a.ltx",
			"000000000000001-00000000000000002.ltx", "0000000000000001-000000000000000g.ltx",
			"0/00000000000001-0000000000000002.ltx", "0000000000000001-0000000000000002.ltx\n" })
	void anythingElseIsNoName(String name) {
		assertThat(LtxFileName.parse(name)).isNull();
	}

	@Test
	void listedFileHasTheNameOfItsPositionsAndIsShownWithIt() {
		Instant time = Instant.ofEpochMilli(1_700_000_000_123L);
		LtxFileInfo file = new LtxFileInfo(3, new Txid(42), new Txid(43), 555, time);
		String name = "000000000000002a-000000000000002b.ltx";
		assertThat(file.fileName()).isEqualTo(name);
		assertThat(file.toLtxFile()).isEqualTo(new LtxFile(3, name, new Txid(42), new Txid(43), 555, time));
	}

}
