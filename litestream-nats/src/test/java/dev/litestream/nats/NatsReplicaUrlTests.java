package dev.litestream.nats;

import java.util.List;

import dev.litestream.nats.connection.NatsCredentials;
import dev.litestream.nats.connection.NatsScheme;
import dev.litestream.nats.connection.NatsTls;
import dev.litestream.nats.connection.Secret;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class NatsReplicaUrlTests {

	@Test
	void namesServerAndBucket() {
		assertThat(NatsReplicaUrl.parse("nats://localhost/app-backups")).isEqualTo(new NatsReplicaUrl(NatsScheme.NATS,
				List.of("localhost:4222"), "app-backups", null, NatsCredentials.NONE));
	}

	@Test
	void namesServersPathAndUser() {
		assertThat(NatsReplicaUrl.parse("NATS://app:p%40s%2Fs%3A+%25@n1:4222,[::1]:5222,n3/app/shop/orders.db"))
			.isEqualTo(new NatsReplicaUrl(NatsScheme.NATS, List.of("n1:4222", "[::1]:5222", "n3:4222"), "app",
					"shop/orders.db", new NatsCredentials.UserPassword("app", Secret.of("p@s/s:+%"))));
	}

	@Test
	void aUserPartWithoutColonIsAToken() {
		assertThat(NatsReplicaUrl.parse("nats://t%2Fk@h/b").credentials())
			.isEqualTo(new NatsCredentials.Token(Secret.of("t/k")));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "tls://h/b | TLS | h:4222", "ws://h/b | WS | h:80", "WSS://h/b | WSS | h:443",
			"wss://h:8443/b | WSS | h:8443" })
	void theSchemeSaysHowAndWhere(String url, NatsScheme scheme, String server) {
		NatsReplicaOptions options = NatsReplicaUrl.parse(url).toOptions().build();
		assertThat(options.connection().scheme()).isEqualTo(scheme);
		assertThat(options.connection().servers()).containsExactly(server);
		assertThat(options.connection().tls().enabled()).isEqualTo(scheme.isSecure());
	}

	@Test
	void theSchemeMayBeRepeated() {
		assertThat(NatsReplicaUrl.parse("tls://a:1,tls://b, TLS://c/bucket").servers()).containsExactly("a:1", "b:4222",
				"c:4222");
	}

	@Test
	void serversThatAreLeftOutComeFromElsewhere() {
		NatsReplicaUrl url = NatsReplicaUrl.parse("nats:///b/p", " tls://app:s3cret@h1,tls://h2:5/ ");
		assertThat(url).isEqualTo(new NatsReplicaUrl(NatsScheme.TLS, List.of("h1:4222", "h2:5"), "b", "p",
				new NatsCredentials.UserPassword("app", Secret.of("s3cret"))));
		assertThat(NatsReplicaUrl.parse("nats:///b", "h1,h2:5").servers()).containsExactly("h1:4222", "h2:5");
		assertThat(NatsReplicaUrl.parse("nats://h/b", "tls://other").servers()).containsExactly("h:4222");
		assertThatIllegalArgumentException().isThrownBy(() -> NatsReplicaUrl.parse("nats:///b", "http://h"))
			.withMessageContaining("NATS_URL");
		assertThatIllegalArgumentException().isThrownBy(() -> NatsReplicaUrl.parse("nats:///b", "nats://h/bucket"))
			.withMessageContaining("NATS_URL names more than servers");
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
		assertThat(options.connection().credentials())
			.isEqualTo(new NatsCredentials.UserPassword("app", Secret.of("s3cret")));
		assertThat(options.toString()).doesNotContain("s3cret").contains("nats://h:4222/b/p");
		assertThat(options.location()).isEqualTo("nats://h:4222/b/p");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', value = { "foo://h/b | begin with nats://",
			"nats:///b | names no server", "nats://app:s3cret@/b | names no server",
			"nats://app:s3cret@h | names no bucket", "nats://app:s3cret@h/ | nats://user:password@h:4222/bucket",
			"nats://:s3cret@h/b | no user name and password", "nats://app:@h/b | no user name and password",
			"nats://app:s3cret?@h/b | '?'", "nats://app:s3cret#@h/b | '#'", "nats://app:s3cret/@h/b | '/' as %2F",
			"nats://app:s3cret%zz@h/b | %25", "nats://app:s3cret@h:0/b | port", "nats://app:s3cret@h:x/b | port",
			"nats://app:s3cret@h:70000/b | port", "nats://app:s3cret@h,,i/b | address",
			"nats://app:s3cret@h!/b | address", "nats://app:s3cret/b | nats://user:password@host",
			"nats://app:s3cret@x@h/b | more than one '@'", "nats://a:s3cret@h,b:s3cret@i/b | more than one '@'",
			"nats://h,tls://i/b | different schemes", "nats://s3cret:4222:4222/b | not an address" })
	void whatCannotBeUsedIsRefusedWithoutShowingThePassword(String url, String reason) {
		assertThatIllegalArgumentException().isThrownBy(() -> NatsReplicaUrl.parse(url)).satisfies((ex) -> {
			assertThat(ex).hasMessageContaining(reason).hasNoCause();
			assertThat(ex.getMessage()).doesNotContain("s3cret");
		});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "localhost:4222/backups | nats://localhost:4222/backups",
					"localhost/backups | nats://localhost:4222/backups", "nats:localhost/b | nats://localhost:4222/b",
					"nats:/h/b | nats://h:4222/b", "http://h:4222/b | nats://h:4222/b", "natss://h/b | nats://h:4222/b",
					"nats://a;b/b | nats://a:4222,b:4222/b", "nats://::1/b | nats://[::1]:4222/b",
					"nats://h//b/c | nats://h:4222/b/c", "nats:app:s3cret@h/b | nats://user:password@h:4222/b",
					"http://app:s3cret@h/b | nats://user:password@h:4222/b" })
	void aUsualSlipIsShownCorrected(String url, String meant) {
		assertThatIllegalArgumentException().isThrownBy(() -> NatsReplicaUrl.parse(url))
			.withMessageEndingWith("; " + meant + " may be meant")
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("s3cret"));
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
			.withMessageContaining("litestream.replica.path has the value '" + path + "'");
	}

	@Test
	void serversAreBroughtToOneForm() {
		assertThat(NatsReplicaOptions.builder("b")
			.servers(List.of("h", "nats://i:5/", "10.0.0.1:6"))
			.build()
			.connection()
			.servers()).containsExactly("h:4222", "i:5", "10.0.0.1:6");
		assertThat(NatsReplicaOptions.builder("b").servers(List.of("tls://h", "i")).build().location())
			.isEqualTo("tls://h:4222,i:4222/b");
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

	@Test
	void aDomainStandsForAPrefix() {
		assertThat(NatsReplicaOptions.builder("b").build().jetStreamPrefix()).isEqualTo("$JS.API");
		assertThat(NatsReplicaOptions.builder("b").domain("hub").build().jetStreamPrefix()).isEqualTo("$JS.hub.API");
		assertThat(NatsReplicaOptions.builder("b").apiPrefix("JS.hub.").build().jetStreamPrefix()).isEqualTo("JS.hub");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> NatsReplicaOptions.builder("b").domain("hub").apiPrefix("x").build())
			.withMessageContaining("Keep one");
	}

	@ParameterizedTest
	@ValueSource(strings = { "a b", "a.*", ">", "a..b", ".a", "" })
	void prefixesAreSubjects(String prefix) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> NatsReplicaOptions.builder("b").inboxPrefix(prefix).build())
			.withMessageContaining("replica.inbox-prefix");
	}

	@Test
	void schemeAndTlsHaveToAgree() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> NatsReplicaUrl.parse("ws://h/b").toOptions().tls(NatsTls.DEFAULTS).build())
			.withMessageContaining("write wss://");
		assertThatIllegalArgumentException()
			.isThrownBy(
					() -> NatsReplicaUrl.parse("wss://h/b").toOptions().tls(NatsTls.DEFAULTS.handshakeFirst()).build())
			.withMessageContaining("Remove it");
	}

}
