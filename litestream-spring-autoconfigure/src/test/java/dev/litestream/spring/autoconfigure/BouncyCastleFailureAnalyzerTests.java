package dev.litestream.spring.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;

import io.nats.client.AuthHandler;
import io.nats.client.Nats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.boot.diagnostics.FailureAnalyzer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * An application that signs in to NATS by the client library's own means.
 */
class BouncyCastleFailureAnalyzerTests {

	@TempDir
	Path directory;

	@Test
	void whatIsMissingIsNamed() throws Exception {
		// the seed of the documentation of nsc; it opens nothing
		Path file = Files.writeString(this.directory.resolve("user.creds"), """
				-----BEGIN NATS USER JWT-----
				a.b.c
				------END NATS USER JWT------

				-----BEGIN USER NKEY SEED-----
				SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY
				------END USER NKEY SEED------
				""");
		AuthHandler handler = Nats.credentials(file.toString());
		Throwable failure = catchThrowable(() -> handler.sign(new byte[10]));
		assertThat(failure).isInstanceOf(NoClassDefFoundError.class);
		FailureAnalysis analysis = new BouncyCastleFailureAnalyzer()
			.analyze(new BeanCreationException("natsConnection", "failed", failure));
		assertThat(analysis).isNotNull();
		assertThat(analysis.getDescription()).contains("Bouncy Castle", "Litestream signs with the JDK");
		assertThat(analysis.getAction()).contains("org.bouncycastle:bcprov-lts8on");
	}

	@Test
	void otherClassesThatAreMissingAreNotItsBusiness() {
		assertThat(new BouncyCastleFailureAnalyzer().analyze(new NoClassDefFoundError("org/bouncycastle/X"))).isNull();
	}

	@Test
	void isFound() {
		assertThat(SpringFactoriesLoader.forDefaultResourceLocation()
			.load(FailureAnalyzer.class,
					SpringFactoriesLoader.FailureHandler
						.logging(org.apache.commons.logging.LogFactory.getLog(getClass()))))
			.hasAtLeastOneElementOfType(BouncyCastleFailureAnalyzer.class);
	}

}
