package dev.litestream.capture;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Commits that were signalled and are in no LTX file yet. A signal comes just before the
 * frames are written, and an empty commit writes none at all. Therefore a signal without
 * frames is set aside: its frames are looked for again, but it no longer means that a
 * commit waits. Times are {@link System#nanoTime()}. Thread-safe.
 */
public final class CommitSignals {

	/** Stands for "no commit waits". */
	public static final long NOTHING = 0;

	/** When the oldest commit was signalled whose frames have not been looked for. */
	private final AtomicLong waiting = new AtomicLong(NOTHING);

	/** When a commit was signalled whose frames have been looked for in vain. */
	private final AtomicLong setAside = new AtomicLong(NOTHING);

	/**
	 * The time, never {@link #NOTHING}.
	 */
	public static long now() {
		long now = System.nanoTime();
		return (now == NOTHING) ? 1 : now;
	}

	/**
	 * A commit may have happened now.
	 */
	public void signalled() {
		if (this.waiting.get() == NOTHING) {
			waits(now());
		}
	}

	/**
	 * A commit waits that was signalled at a time.
	 */
	public void waits(long signalled) {
		this.waiting.compareAndSet(NOTHING, signalled);
	}

	/**
	 * There were no frames for a signal: it is set aside and looked for again. An older
	 * one that is set aside stands for it too.
	 * @return whether nothing older was set aside
	 */
	public boolean setAside(long signalled) {
		return this.setAside.compareAndSet(NOTHING, signalled);
	}

	/**
	 * Frames were found. They include those of a commit that was set aside before, if it
	 * wrote any: SQLite has one writer, and the commit was signalled when nothing else
	 * was left.
	 */
	public void found() {
		this.setAside.set(NOTHING);
	}

	/**
	 * Whether the last signals may have been false.
	 */
	public boolean hasSetAside() {
		return this.setAside.get() != NOTHING;
	}

	/**
	 * Whether there is anything to look for.
	 */
	public boolean isAnyWaiting() {
		return this.waiting.get() != NOTHING || hasSetAside();
	}

	/**
	 * Takes the commit that waits.
	 * @return when it was signalled, or {@link #NOTHING}
	 */
	public long takeWaiting() {
		return this.waiting.getAndSet(NOTHING);
	}

	/**
	 * Takes the signal to look for now: that of a waiting commit, or else the one set
	 * aside.
	 * @return when it was signalled, or {@link #NOTHING}
	 */
	public long take() {
		long waiting = takeWaiting();
		return (waiting != NOTHING) ? waiting : this.setAside.getAndSet(NOTHING);
	}

	/**
	 * When the oldest commit was signalled for which frames may wait, or
	 * {@link #NOTHING}.
	 */
	public long waitingSince() {
		return this.waiting.get();
	}

}
