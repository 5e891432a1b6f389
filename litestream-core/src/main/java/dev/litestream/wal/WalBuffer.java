package dev.litestream.wal;

/**
 * Memory for reading a WAL, passed from one {@link WalReader} to the next of the same
 * database so that a sync of a few frames allocates next to nothing. Serves one open
 * reader at a time. Not safe for several threads.
 */
public final class WalBuffer {

	private byte[] bytes = new byte[0];

	private byte[] ahead = new byte[0];

	/**
	 * Room for a number of bytes. Earlier content is lost.
	 * @param size the number of bytes
	 * @return an array of at least that size
	 */
	byte[] ofSize(int size) {
		if (this.bytes.length < size) {
			this.bytes = new byte[size];
		}
		return this.bytes;
	}

	/**
	 * Room for frames read ahead, apart from the other.
	 * @param size the number of bytes
	 * @return an array of at least that size
	 */
	byte[] aheadOfSize(int size) {
		if (this.ahead.length < size) {
			this.ahead = new byte[size];
		}
		return this.ahead;
	}

}
