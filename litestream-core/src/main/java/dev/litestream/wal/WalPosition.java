package dev.litestream.wal;

/**
 * A place between two frames of one generation of a WAL, behind a commit frame or behind
 * the header, with the running checksum there.
 *
 * @param salt1 first salt of the generation
 * @param salt2 second salt of the generation
 * @param offset offset of the next frame, in bytes
 * @param checksum1 first half of the running checksum up to here
 * @param checksum2 second half of the running checksum up to here
 */
public record WalPosition(int salt1, int salt2, long offset, int checksum1, int checksum2) {

	/**
	 * Whether a header starts the same generation.
	 * @param header a WAL header
	 * @return whether the salts are equal
	 */
	public boolean sameGeneration(WalHeader header) {
		return this.salt1 == header.salt1() && this.salt2 == header.salt2();
	}

}
