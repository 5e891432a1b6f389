package dev.litestream.spring.autoconfigure;

import io.nats.client.Nats;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.xxhash.XXHashFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.TypeHint;
import org.springframework.aot.hint.TypeReference;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a native image has to keep.
 */
class LitestreamRuntimeHintsTests {

	private final RuntimeHints hints = new RuntimeHints();

	LitestreamRuntimeHintsTests() {
		new LitestreamRuntimeHints().registerHints(this.hints, getClass().getClassLoader());
	}

	@Test
	void implementationsOfLz4() {
		for (LZ4Factory factory : new LZ4Factory[] { LZ4Factory.nativeInstance(), LZ4Factory.fastestJavaInstance(),
				LZ4Factory.safeInstance() }) {
			assertKept(factory.fastCompressor());
			assertKept(factory.highCompressor());
			assertKept(factory.safeDecompressor());
		}
		for (XXHashFactory factory : new XXHashFactory[] { XXHashFactory.nativeInstance(),
				XXHashFactory.fastestJavaInstance(), XXHashFactory.safeInstance() }) {
			assertKept(factory.hash32());
			assertKept(factory.hash64());
		}
	}

	private void assertKept(Object implementation) {
		assertThat(RuntimeHintsPredicates.reflection()
			.onType(implementation.getClass())
			.withMemberCategories(MemberCategory.ACCESS_PUBLIC_FIELDS, MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS))
			.as(implementation.getClass().getName())
			.accepts(this.hints);
	}

	@Test
	void transportOfNats() throws Exception {
		Class<?> transport = Class.forName("dev.litestream.nats.connection.NatsDataPort");
		assertThat(transport).isAssignableTo(io.nats.client.impl.DataPort.class);
		assertThat(RuntimeHintsPredicates.reflection().onConstructorInvocation(transport.getConstructor()))
			.accepts(this.hints);
	}

	@Test
	void nothingElse() {
		assertThat(this.hints.reflection().typeHints()).isNotEmpty()
			.extracting(TypeHint::getType)
			.extracting(TypeReference::getName)
			.allMatch((name) -> ClassUtils.isPresent(name, null));
	}

	@ParameterizedTest
	@ValueSource(strings = { "net/jpountz/util/linux/amd64/liblz4-java.so",
			"net/jpountz/util/linux/aarch64/liblz4-java.so", "net/jpountz/util/darwin/aarch64/liblz4-java.dylib",
			"net/jpountz/util/windows/amd64/liblz4-java.dll", "io/nats/jnats/version.properties" })
	void resources(String resource) {
		assertThat(Nats.class.getClassLoader().getResource(resource)).isNotNull();
		assertThat(RuntimeHintsPredicates.resource().forResource(resource)).accepts(this.hints);
	}

}
