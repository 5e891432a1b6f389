package dev.litestream.continuity;

import java.io.IOException;
import java.nio.file.Path;

import dev.litestream.continuity.PageHashesFile;

/** A file that takes so many bytes and then no more: the process is gone. */
final class CrashingFile implements PageHashesFile {

	private final PageHashesFile file;

	private final Power power;

	CrashingFile(Path path, Power power) throws IOException {
		this.file = PageHashesFile.open(path);
		this.power = power;
	}

	@Override
	public long length() throws IOException {
		return this.file.length();
	}

	@Override
	public int read(long position, byte[] bytes, int length) throws IOException {
		return this.file.read(position, bytes, length);
	}

	@Override
	public void write(long position, byte[] bytes, int length) throws IOException {
		int taken = (int) Math.min(length, this.power.left);
		this.file.write(position, bytes, taken);
		this.power.left -= taken;
		if (taken < length) {
			throw new IOException("crashed");
		}
	}

	@Override
	public void truncate(long length) throws IOException {
		if (this.power.left-- <= 0) {
			throw new IOException("crashed");
		}
		this.file.truncate(length);
	}

	@Override
	public void force() throws IOException {
		if (this.power.left-- <= 0) {
			throw new IOException("crashed");
		}
	}

	@Override
	public void close() throws IOException {
		this.file.close();
	}

	/** What is left until the crash. */
	static final class Power {

		private long left;

		Power(long left) {
			this.left = left;
		}

	}

}
