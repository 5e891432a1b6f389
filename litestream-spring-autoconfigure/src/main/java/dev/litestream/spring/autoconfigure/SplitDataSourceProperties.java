package dev.litestream.spring.autoconfigure;

/**
 * How the application's DataSource is made, if Litestream makes it.
 */
public class SplitDataSourceProperties {

	/**
	 * Whether the DataSource has one connection that writes and a pool of connections
	 * that only read.
	 */
	private boolean split;

	/**
	 * Most connections that only read.
	 */
	private int maxReaders = 4;

	public boolean isSplit() {
		return this.split;
	}

	public void setSplit(boolean split) {
		this.split = split;
	}

	public int getMaxReaders() {
		return this.maxReaders;
	}

	public void setMaxReaders(int maxReaders) {
		this.maxReaders = maxReaders;
	}

}
