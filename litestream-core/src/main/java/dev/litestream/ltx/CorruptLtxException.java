package dev.litestream.ltx;

import java.io.IOException;

/**
 * An LTX file breaks a rule of its format, or differs from what its store recorded about
 * it. A store throws this exception, and no other, for damaged content: only then may a
 * caller go on without the file.
 */
public class CorruptLtxException extends IOException {

	private static final long serialVersionUID = 1L;

	/**
	 * Reports a corrupt file.
	 * @param name the file's name
	 * @param offset where the fault was found, in bytes
	 * @param what what is wrong, as a clause
	 */
	public CorruptLtxException(String name, long offset, String what) {
		super("LTX file " + name + " is corrupt at byte " + offset + ": " + what);
	}

	/**
	 * Reports damage that a store has detected by a digest, a size or missing parts.
	 * @param message what is wrong with which file where, as a sentence without secrets
	 */
	public CorruptLtxException(String message) {
		super(message);
	}

	/**
	 * Reports a fault without a position in the file.
	 * @param name the file's name
	 * @param what what is wrong, as a clause
	 */
	public CorruptLtxException(String name, String what) {
		super("LTX file " + name + " is corrupt: " + what);
	}

}
