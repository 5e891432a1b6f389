package dev.litestream.engine;

import dev.litestream.DatabaseOptions;
import dev.litestream.DirectoryOptions;
import dev.litestream.LitestreamException;

/**
 * Two databases of an engine would share a name, a file, or a directory or replica that
 * both write to. The message names both settings and the cure.
 */
public class ConflictingDatabasesException extends LitestreamException {

	private static final long serialVersionUID = 1L;

	private final transient Claim claim;

	private final transient Claim other;

	private final String before;

	private final String after;

	private final String cure;

	/**
	 * Refuses a database. {@code claim} is the setting at fault. {@code before} and
	 * {@code after}, which may be empty, say what is wrong: a clause that follows the
	 * claim and names {@code other}, the setting in the way, between them. {@code cure}
	 * is a sentence.
	 */
	ConflictingDatabasesException(Claim claim, String before, Claim other, String after, String cure) {
		super(claim + " " + before + other + after + ". " + cure);
		this.claim = claim;
		this.other = other;
		this.before = before;
		this.after = after;
		this.cure = cure;
	}

	/**
	 * The setting at fault.
	 * @return whose it is, and which
	 */
	public Claim getClaim() {
		return this.claim;
	}

	/**
	 * The setting that is in the way.
	 * @return whose it is, and which
	 */
	public Claim getOther() {
		return this.other;
	}

	/**
	 * What is wrong.
	 * @param other how to name the setting that is in the way
	 * @return a clause that follows the name of the setting at fault
	 */
	public String getProblem(String other) {
		return this.before + other + this.after;
	}

	/**
	 * What to change.
	 * @return a sentence
	 */
	public String getCure() {
		return this.cure;
	}

	/**
	 * A setting of a database, or of the databases in a directory.
	 *
	 * @param options the {@link DatabaseOptions} or {@link DirectoryOptions} that the
	 * engine was given
	 * @param setting the last part of the setting's key, such as {@code path}
	 */
	public record Claim(Object options, String setting) {

		@Override
		public String toString() {
			return "litestream.dbs[]." + this.setting + " of " + ((this.options instanceof DatabaseOptions database)
					? "'" + database.name() + "'" : String.valueOf(directory()));
		}

		private Object directory() {
			return (this.options instanceof DirectoryOptions directory) ? directory.directory() : this.options;
		}

	}

}
