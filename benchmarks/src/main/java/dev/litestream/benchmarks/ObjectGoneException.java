package dev.litestream.benchmarks;

import java.io.IOException;
import java.io.Serial;

/**
 * An object was deleted before it could be read.
 */
final class ObjectGoneException extends IOException {

	@Serial
	private static final long serialVersionUID = 1;

	ObjectGoneException(String name) {
		super("The object " + name + " is not there any more");
	}

}
