package dev.litestream.ltx;

import java.io.IOException;

/**
 * An LTX file does not hold what its format demands, or not what its store says of it. A
 * store throws no other exception for content that is damaged: whoever can do without the
 * file does so for this one.
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
	 * Reports what a store found out about a file: by a digest, a size or missing parts.
	 * @param message what is wrong with which file where, as a sentence without secrets
	 */
	public CorruptLtxException(String message) {
		super(message);
	}

	/**
	 * Reports a fault that belongs to no place in the file.
	 * @param name the file's name
	 * @param what what is wrong, as a clause
	 */
	public CorruptLtxException(String name, String what) {
		super("LTX file " + name + " is corrupt: " + what);
	}

}
