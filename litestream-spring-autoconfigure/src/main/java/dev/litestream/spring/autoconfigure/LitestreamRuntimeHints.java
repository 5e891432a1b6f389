package dev.litestream.spring.autoconfigure;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;

/**
 * What a native image has to keep of libraries without metadata: lz4-java finds its
 * implementations and its native library by name, jnats its version and its transport.
 * sqlite-jdbc has its own.
 */
class LitestreamRuntimeHints implements RuntimeHintsRegistrar {

	private static final String[] IMPLEMENTATIONS = { "JNI", "JavaSafe", "JavaUnsafe" };

	private static final String[] LZ4 = { "net.jpountz.lz4.LZ4%sCompressor", "net.jpountz.lz4.LZ4HC%sCompressor",
			"net.jpountz.lz4.LZ4%sFastDecompressor", "net.jpountz.lz4.LZ4%sSafeDecompressor",
			"net.jpountz.xxhash.XXHash32%s", "net.jpountz.xxhash.XXHash64%s",
			"net.jpountz.xxhash.StreamingXXHash32%s$Factory", "net.jpountz.xxhash.StreamingXXHash64%s$Factory" };

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		for (String implementation : IMPLEMENTATIONS) {
			for (String type : LZ4) {
				hints.reflection()
					.registerType(TypeReference.of(String.format(Locale.ROOT, type, implementation)),
							MemberCategory.ACCESS_PUBLIC_FIELDS, MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS);
			}
		}
		// thrown by the native code
		hints.jni().registerType(OutOfMemoryError.class, MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS);
		hints.resources().registerPattern("net/jpountz/util/*/*/liblz4-java.*");
		hints.resources().registerPattern("io/nats/jnats/version.properties");
		// jnats makes its transport by the name that litestream-nats gives it
		hints.reflection()
			.registerType(TypeReference.of("dev.litestream.nats.connection.NatsDataPort"),
					MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS);
	}

}
