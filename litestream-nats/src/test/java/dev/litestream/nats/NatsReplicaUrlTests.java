package dev.litestream.nats;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class NatsReplicaUrlTests {

	@Test
	void namesServerAndBucket() {
		assertThat(NatsReplicaUrl.parse("nats://localhost/app-backups"))
			.isEqualTo(new NatsReplicaUrl(List.of("localhost:4222"), "app-backups", null, null, null));
	}

	@Test
	void namesServersPathAndUser() {
		assertThat(NatsReplicaUrl.parse("NATS://app:p%40s%2Fs%3A+%25@n1:4222,[::1]:5222,n3/app/shop/orders.db"))
			.isEqualTo(new NatsReplicaUrl(List.of("n1:4222", "[::1]:5222", "n3:4222"), "app", "shop/orders.db", "app",
					"p@s/s:+%"));
	}

	@Test
	void aTrailingSlashIsNoPath() {
		assertThat(NatsReplicaUrl.parse("nats://h/b/").path()).isNull();
	}

	@Test
	void neitherUrlNorOptionsShowThePassword() {
		NatsReplicaUrl url = NatsReplicaUrl.parse("nats://app:s3cret@h/b/p");
		assertThat(url.toString()).isEqualTo("nats://h:4222/b/p");
		NatsReplicaOptions options = url.toOptions().build();
		assertThat(options.password()).isEqualTo("s3cret");
		assertThat(options.toString()).doesNotContain("s3cret").contains("nats://h:4222/b/p");
		assertThat(options.location()).isEqualTo("nats://h:4222/b/p");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', value = { "http://h/b | begin with nats://",
			"tls://app:s3cret@h/b | begin with nats://", "nats:///b | names no server",
			"nats://app:s3cret@/b | names no server", "nats://app:s3cret@h | names no bucket",
			"nats://app:s3cret@h/ | names no bucket", "nats://s3cret@h/b | no user name and password",
			"nats://:s3cret@h/b | no user name and password", "nats://app:s3cret?@h/b | '?'",
			"nats://app:s3cret#@h/b | '#'", "nats://app:s3cret/@h/b | '/' as %2F", "nats://app:s3cret%zz@h/b | %25",
			"nats://app:s3cret@h:0/b | port", "nats://app:s3cret@h:x/b | port", "nats://app:s3cret@h:70000/b | port",
			"nats://app:s3cret@h,,i/b | address", "nats://app:s3cret@h!/b | address" })
	void whatCannotBeUsedIsRefusedWithoutShowingThePassword(String url, String reason) {
		assertThatIllegalArgumentException().isThrownBy(() -> NatsReplicaUrl.parse(url)).satisfies((ex) -> {
			assertThat(ex).hasMessageContaining(reason).hasNoCause();
			assertThat(ex.getMessage()).doesNotContain("s3cret");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "b.c", "b c", "", "bü", "b/c" })
	void aBucketsNameIsChecked(String bucket) {
		assertThatIllegalArgumentException().isThrownBy(() -> NatsReplicaOptions.builder(bucket).build())
			.withMessageContaining("bucket name");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/a", "a/", "a//b", "a/../b", ".", "a b", "ä", "ltx", "ltx/0", "a>" })
	void aPathIsChecked(String path) {
		assertThatIllegalArgumentException().isThrownBy(() -> NatsReplicaOptions.builder("b").path(path).build())
			.withMessageContaining("replica.path '" + path + "'");
	}

	@Test
	void serversAreBroughtToOneForm() {
		assertThat(NatsReplicaOptions.builder("b").servers(List.of("h", "nats://i:5/", "10.0.0.1:6")).build().servers())
			.containsExactly("h:4222", "i:5", "10.0.0.1:6");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> NatsReplicaOptions.builder("b").servers(List.of("tls://h")).build())
			.withMessageContaining("only nats://");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> NatsReplicaOptions.builder("b").servers(List.of("nats://a:s3cret@h")).build())
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("s3cret").contains("replica.password"));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> NatsReplicaOptions.builder("b").servers(List.of()).build());
	}

	@Test
	void userAndPasswordGoTogether() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> NatsReplicaOptions.builder("b").credentials("app", null).build());
		assertThatIllegalArgumentException()
			.isThrownBy(() -> NatsReplicaOptions.builder("b").credentials(null, "s3cret").build())
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("s3cret"));
	}

}
