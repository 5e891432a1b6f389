package dev.litestream.test;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * One step of a program at which its process is aborted, as {@code kill -9} does. The
 * program knows nothing of it: a Java agent rewrites the method when it is loaded.
 *
 * @param place {@code entry} or {@code exit} of the method (a return, not a throw), or
 * {@code before} or {@code after} a call in it, such as {@code before Files.move}
 * @param method the method, such as {@code spool.Spool#force}; a nested class is written
 * with a dollar sign
 * @param times at which time of getting there, from 1
 */
public record CrashPoint(String place, String method, int times) {

	/** Exit code of a process that was aborted at its crash point. */
	public static final int EXIT_CODE = 77;

	private static final Pattern PLACE = Pattern.compile("(entry|exit)|(before|after) (\\S+)\\.(\\S+)");

	private static final Pattern METHOD = Pattern.compile("([\\w.$]+)#([\\w$<>]+)");

	private static @Nullable Path agent;

	/**
	 * Checks the notation.
	 * @param place where in the method
	 * @param method which method
	 * @param times at which time
	 */
	public CrashPoint {
		if (!PLACE.matcher(place).matches() || !METHOD.matcher(method).matches() || times < 1) {
			throw new IllegalArgumentException(
					String.format(Locale.ROOT, "'%s' of '%s' is no crash point", place, method));
		}
	}

	/**
	 * The options for the JVM that is to be aborted.
	 * @return options of the {@code java} command
	 * @throws IOException if the agent cannot be written
	 */
	public List<String> jvmOptions() throws IOException {
		return List.of("-javaagent:" + agent() + "=" + this.times + "," + this.method + "," + this.place);
	}

	static CrashPoint parse(String arguments) {
		String[] parts = arguments.split(",", 3);
		return new CrashPoint(parts[2], parts[1], Integer.parseInt(parts[0]));
	}

	/**
	 * In how many places the program gets there: 0 if there is no such method or call.
	 * @return the number of places
	 */
	public int places() {
		try (InputStream in = CrashPoint.class.getResourceAsStream("/" + typeName() + ".class")) {
			if (in == null) {
				return 0;
			}
			CrashPointWriter writer = new CrashPointWriter(this);
			writer.rewrite(in.readAllBytes());
			return writer.places();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The class, as in class files. */
	String typeName() {
		return "dev/litestream/" + match(METHOD, this.method).group(1).replace('.', '/');
	}

	String methodName() {
		return match(METHOD, this.method).group(2);
	}

	boolean isEntry() {
		return this.place.equals("entry");
	}

	boolean isExit() {
		return this.place.equals("exit");
	}

	boolean isBefore(String owner, String name) {
		return isAt("before", owner, name);
	}

	boolean isAfter(String owner, String name) {
		return isAt("after", owner, name);
	}

	private boolean isAt(String side, String owner, String name) {
		Matcher place = match(PLACE, this.place);
		String simpleName = owner.substring(Math.max(owner.lastIndexOf('/'), owner.lastIndexOf('$')) + 1);
		return side.equals(place.group(2)) && simpleName.equals(place.group(3)) && name.equals(place.group(4));
	}

	private static Matcher match(Pattern pattern, String text) {
		Matcher matcher = pattern.matcher(text);
		if (!matcher.matches()) {
			throw new IllegalArgumentException(text);
		}
		return matcher;
	}

	/** A jar that only names the agent, which is on the class path anyway. */
	private static synchronized Path agent() throws IOException {
		if (agent == null) {
			Manifest manifest = new Manifest();
			manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
			manifest.getMainAttributes().putValue("Premain-Class", CrashAgent.class.getName());
			Path jar = Files.createTempFile("litestream-crash-agent-", ".jar");
			jar.toFile().deleteOnExit();
			try (OutputStream out = Files.newOutputStream(jar)) {
				new JarOutputStream(out, manifest).close();
			}
			agent = jar;
		}
		return agent;
	}

	@Override
	public String toString() {
		return this.place + " of " + this.method + " for the " + this.times + ". time";
	}

}
