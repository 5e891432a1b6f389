package dev.litestream.restore;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Files that are damaged or hold a damaged database: replaced or refused, never passed
 * off as a database.
 */
@Timeout(120)
class RestoreDamageTests extends RestoreFixture {

	@Test
	@Hazard("E5")
	void aCorruptByteAnywhereNeverGivesAnotherDatabase() throws Exception {
		work(4096, 2);
		Path file = level(0).resolve("0000000000000001-0000000000000001.ltx");
		byte[] good = Files.readAllBytes(file);
		Random random = new Random(5);
		int failures = 0;
		for (int i = 0; i < 40; i++) {
			byte[] bad = good.clone();
			bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
			Files.write(file, bad);
			try {
				restore(this.output, RestoreTarget.LATEST);
				// a flipped bit may leave a compressed page that means the same
				assertThat(this.output).hasBinaryContent(this.history.image(2));
				Files.delete(this.output);
			}
			catch (IOException ex) {
				failures++;
			}
			assertThat(entries()).isEmpty();
		}
		assertThat(failures).isGreaterThan(20);
	}

	@Test
	@Hazard("E1")
	void aTruncatedFileFailsTheRestoreAtEveryLength() throws Exception {
		work(4096, 1);
		Path file = level(0).resolve("0000000000000001-0000000000000001.ltx");
		byte[] good = Files.readAllBytes(file);
		for (int length = 0; length < good.length; length += 1 + good.length / 60) {
			Files.write(file, Arrays.copyOf(good, length));
			assertThatThrownBy(() -> restore(this.output, RestoreTarget.LATEST)).isInstanceOf(IOException.class);
			assertThat(entries()).isEmpty();
		}
	}

	@Test
	@Hazard("E5")
	void aPageThatIsInNoFileFailsTheRestore() throws Exception {
		byte[] small = page(1, 2, 3);
		this.history.add(small);
		this.history.add(page(1, 2, 3, 4, 5));
		this.client.delete(this.client.list(0).files());
		writeRaw(0, 1, this.history.encode(1, 1));
		writeRaw(0, 2, this.history.encode(2, 2, List.of(4L)));
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> restore(this.output, IntegrityCheck.NONE))
			.withMessageContaining("page 4");
		assertThat(entries()).isEmpty();
	}

	@Test
	@Hazard("E5")
	void theLastPageOfASnapshotMustBeThere() throws Exception {
		byte[] small = page(1, 2, 3);
		this.history.add(small);
		this.history.add(page(1, 2, 3, 4, 5));
		this.client.delete(this.client.list(0).files());
		writeRaw(0, 1, this.history.encode(1, 1));
		writeRaw(0, 2, this.history.encode(2, 2, List.of(5L)));
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> restore(this.output, IntegrityCheck.NONE))
			.withMessageContaining("page 5");
		assertThat(entries()).isEmpty();
	}

	@ParameterizedTest
	@EnumSource(IntegrityCheck.class)
	@Hazard("E5")
	void aDamagedDatabaseInWholeFilesIsFoundByTheCheck(IntegrityCheck check) throws Exception {
		byte[] image = database(4096, 30);
		new Random(3).nextBytes(image = image.clone());
		byte[] good = database(4096, 30);
		System.arraycopy(good, 0, image, 0, 4096);
		this.history.add(image);
		if (check == IntegrityCheck.NONE) {
			restore(this.output, check);
			assertThat(this.output).hasBinaryContent(image);
			return;
		}
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> restore(this.output, check))
			.withMessageContaining("damaged")
			.withMessageContaining("integrity-check");
		assertThat(entries()).isEmpty();
	}

	@Test
	@Hazard("E5")
	void aCorruptFileIsReplacedByOtherLevels() throws Exception {
		work(4096, 20);
		this.history.snapshot();
		this.history.write(1, 1, 12);
		corrupt(level(9).resolve("0000000000000001-0000000000000014.ltx"));
		RestoreResult result = restore(this.output, RestoreTarget.LATEST);
		assertThat(result.txid()).isEqualTo(new Txid(20));
		assertThat(result.files()).isEqualTo(9);
		assertThat(this.output).hasBinaryContent(this.history.image(20));
	}

	@Test
	@Hazard("E5")
	void aCorruptNewestFileIsNotPassedOver() throws Exception {
		work(4096, 5);
		corrupt(level(0).resolve("0000000000000005-0000000000000005.ltx"));
		assertThatExceptionOfType(BackupGapException.class).isThrownBy(() -> restore(this.output, RestoreTarget.LATEST))
			.withMessageContaining("0000000000000005-0000000000000005.ltx")
			.withMessageContaining("can be restored as TXID 0000000000000004")
			.satisfies((ex) -> assertThat(ex.getSuppressed()[0]).hasMessageContaining("corrupt"));
		assertThat(entries()).isEmpty();
		restore(this.output, RestoreTarget.of(new Txid(4)));
		assertThat(this.output).hasBinaryContent(this.history.image(4));
	}

	@Test
	void aFileThatHoldsOtherTxidsThanItsNameSaysIsAvoided() throws Exception {
		work(4096, 5);
		this.client.write(9, new Txid(1), new Txid(5), History.at(5),
				new ByteArrayInputStream(this.history.encode(1, 3)));
		restore(this.output, RestoreTarget.LATEST);
		assertThat(this.output).hasBinaryContent(this.history.image(5));
	}

	@Test
	void aCorruptFileIsFoundAmongMany() throws Exception {
		byte[] image = page(1, 2, 3);
		for (int i = 1; i <= 450; i++) {
			image[i % image.length]++;
			this.history.add(image.clone());
		}
		this.history.write(1, 1, 300);
		this.history.write(2, 290, 420);
		corrupt(level(2).resolve("0000000000000122-00000000000001a4.ltx"));
		restore(this.output, IntegrityCheck.NONE);
		assertThat(this.output).hasBinaryContent(this.history.image(450));
	}

	@Test
	@Hazard("E5")
	void aLargeFileThatIsCorruptIsReplacedByOtherLevels() throws Exception {
		byte[] image = bigImage(3000);
		this.history.add(Arrays.copyOf(image, 4096 * 1500));
		this.history.add(image);
		this.history.snapshot();
		corrupt(level(9).resolve("0000000000000001-0000000000000002.ltx"));
		restore(this.output, IntegrityCheck.NONE);
		assertThat(this.output).hasBinaryContent(image);
		assertThat(entries()).containsExactly("app.db");
	}

}
