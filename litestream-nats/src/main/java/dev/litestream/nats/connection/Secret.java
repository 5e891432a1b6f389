package dev.litestream.nats.connection;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

import dev.litestream.replica.ReplicaRefusedException;
import org.jspecify.annotations.Nullable;

/**
 * A password, token, JWT or seed: given as such, or in a file that is read again for each
 * connection, so that it can be replaced while the application runs. Immutable; its text
 * form never shows it.
 */
public final class Secret {

	private static final String BYTE_ORDER_MARK = "\uFEFF";

	private final @Nullable String value;

	private final @Nullable Path file;

	private Secret(@Nullable String value, @Nullable Path file) {
		this.value = value;
		this.file = file;
	}

	/**
	 * A secret given as such.
	 * @param value the secret, not empty
	 * @return the secret
	 */
	public static Secret of(String value) {
		if (value.isEmpty()) {
			throw new IllegalArgumentException("A secret is empty; leave its setting out or fill it in");
		}
		return new Secret(value, null);
	}

	/**
	 * A secret in a file. White space around it does not count.
	 * @param file the file
	 * @return the secret
	 */
	public static Secret inFile(Path file) {
		return new Secret(null, file);
	}

	/**
	 * The secret as it is now, not empty.
	 */
	String read() throws ReplicaRefusedException {
		if (this.value != null) {
			return this.value;
		}
		String text = readFile(Objects.requireNonNull(this.file)).strip();
		if (text.isEmpty()) {
			throw new ReplicaRefusedException("The file " + this.file + " is empty: it should hold a secret");
		}
		return text;
	}

	/**
	 * Reads a text file, or says why not.
	 */
	static String readFile(Path file) throws ReplicaRefusedException {
		try {
			String text = Files.readString(file);
			// some editors begin a file with a byte order mark, which is no character of
			// a secret
			return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
		}
		catch (NoSuchFileException ex) {
			throw new ReplicaRefusedException("The file " + file + " does not exist: correct the path");
		}
		catch (AccessDeniedException ex) {
			throw new ReplicaRefusedException("The file " + file + " may not be read: give this process's user access");
		}
		catch (MalformedInputException ex) {
			throw new ReplicaRefusedException("The file " + file + " is not text: a PEM or text file is needed");
		}
		catch (IOException ex) {
			String fault = Files.isDirectory(file) ? " is a directory: name the file in it"
					: " cannot be read: check the path and the disk";
			throw new ReplicaRefusedException("The file " + file + fault);
		}
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof Secret secret && Objects.equals(this.value, secret.value)
				&& Objects.equals(this.file, secret.file);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.value, this.file);
	}

	/** Where the secret is, never what it is. */
	@Override
	public String toString() {
		return (this.file != null) ? "in " + this.file : "given, not shown";
	}

}
