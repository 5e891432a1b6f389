package dev.litestream.integration;

import java.util.List;
import java.util.Locale;

import org.springframework.boot.devtools.restart.Restarter;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A program that adds a note and has itself restarted by devtools, until there are three.
 */
public final class DevtoolsApplication {

	private static final String INSTALLATION = "test.installation";

	private DevtoolsApplication() {
	}

	public static void main(String[] arguments) throws InterruptedException {
		// devtools calls this method again with the arguments of Spring Boot
		if (System.getProperty(INSTALLATION) == null) {
			System.setProperty(INSTALLATION, String.join("\n", arguments));
		}
		ConfigurableApplicationContext context = Installation.ofArguments(System.getProperty(INSTALLATION).split("\n"))
			.start();
		Notes notes = context.getBean(Notes.class);
		List<String> before = notes.texts();
		notes.add("note " + (before.size() + 1));
		System.out.printf(Locale.ROOT, "found %s in class loader %x%n", before,
				System.identityHashCode(DevtoolsApplication.class.getClassLoader()));
		if (before.size() < 2) {
			Thread restart = new Thread(() -> Restarter.getInstance().restart(), "restart");
			restart.setDaemon(false);
			restart.start();
			return;
		}
		NotesApplication.awaitReplicated(context);
		System.out.println(NotesApplication.REPLICATED);
		Thread.currentThread().join();
	}

}
