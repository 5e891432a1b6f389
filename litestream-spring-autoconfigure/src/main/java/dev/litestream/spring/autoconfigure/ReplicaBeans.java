package dev.litestream.spring.autoconfigure;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

import io.nats.client.Options;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;

/**
 * The application's beans that have a say in its replicas. They are asked for only where
 * one is needed, because a bean may need a database.
 */
record ReplicaBeans(Supplier<List<ReplicaClientProvider>> providers,
		Supplier<List<NatsOptionsCustomizer>> natsCustomizers,
		Supplier<@Nullable LitestreamConnectionDetails> connectionDetails) {

	/** There are none. */
	static final ReplicaBeans NONE = new ReplicaBeans(List::of, List::of, () -> null);

	static ReplicaBeans of(BeanFactory beans) {
		return new ReplicaBeans(() -> beans.getBeanProvider(ReplicaClientProvider.class).orderedStream().toList(),
				() -> beans.getBeanProvider(NatsOptionsCustomizer.class).orderedStream().toList(),
				() -> beans.getBeanProvider(LitestreamConnectionDetails.class).getIfAvailable());
	}

	/** The provider for a scheme in lower case, or {@code null}. */
	@Nullable ReplicaClientProvider provider(String scheme) {
		return providers().get()
			.stream()
			.filter((provider) -> provider.schemes().contains(scheme))
			.findFirst()
			.orElse(null);
	}

	/**
	 * All customizers of NATS connections as one, or {@code null} if there are none.
	 * Replicas share a connection only if theirs are equal.
	 */
	@Nullable BiConsumer<List<String>, Options.Builder> natsCustomizer() {
		List<NatsOptionsCustomizer> customizers = natsCustomizers().get();
		return customizers.isEmpty() ? null : new Customizers(customizers);
	}

	/** Equal to another one of the same beans. */
	private record Customizers(
			List<NatsOptionsCustomizer> customizers) implements BiConsumer<List<String>, Options.Builder> {

		@Override
		public void accept(List<String> servers, Options.Builder builder) {
			this.customizers.forEach((customizer) -> customizer.customize(servers, builder));
		}

	}

}
