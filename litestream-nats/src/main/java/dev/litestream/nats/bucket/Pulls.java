package dev.litestream.nats.bucket;

import java.util.ArrayDeque;
import java.util.Deque;

import org.jspecify.annotations.Nullable;

/**
 * The pulls of one consumer that are under way, oldest first. The server hands messages
 * out to the oldest pull it has accepted, and a status says to which pull it belongs:
 * each has a number, which ends the subject of its answers. Counted as anything else, a
 * pull that was refused while another was served would be waited for although the server
 * does not know it. Not thread-safe.
 */
final class Pulls {

	private static final int MOST = 2;

	private final Deque<Pull> pulls = new ArrayDeque<>();

	private long number;

	/** Messages that the pulls under way are still to get. */
	private long requested;

	/** Whether one has ended before its messages came: then one at a time is enough. */
	private boolean oneAtATime;

	boolean isEmpty() {
		return this.pulls.isEmpty();
	}

	/**
	 * How many messages the next pull asks for, 0 if none is due. {@code pending} is how
	 * many the server still has for the consumer, those of the pulls under way included.
	 */
	int next(long pending, int atMost) {
		boolean due = this.pulls.size() < (this.oneAtATime ? 1 : MOST);
		return due ? (int) Math.max(0, Math.min(pending - this.requested, atMost)) : 0;
	}

	Pull add(int count) {
		Pull pull = new Pull(++this.number, count);
		this.pulls.add(pull);
		this.requested += count;
		return pull;
	}

	/** A message has come. */
	void delivered() {
		Pull first = this.pulls.peek();
		if (first != null) {
			this.requested--;
			first.delivered++;
			removeComplete();
		}
	}

	/** The pull of a number, or {@code null} if it is not under way. */
	@Nullable Pull at(String number) {
		for (Pull pull : this.pulls) {
			if (Long.toString(pull.number).equals(number)) {
				return pull;
			}
		}
		return null;
	}

	/** A status has ended a pull, and so many of its messages will not come. */
	void ended(Pull pull, int undelivered) {
		pull.count -= undelivered;
		this.requested -= undelivered;
		this.oneAtATime |= undelivered > 0;
		if (pull.left() == 0) {
			this.pulls.remove(pull);
		}
	}

	/** The server knows of none. */
	void forget() {
		this.pulls.clear();
		this.requested = 0;
	}

	private void removeComplete() {
		Pull first = this.pulls.peek();
		while (first != null && first.left() == 0) {
			this.pulls.remove();
			this.oneAtATime = false;
			first = this.pulls.peek();
		}
	}

	/** One request for messages. */
	static final class Pull {

		private final long number;

		private int count;

		private int delivered;

		private Pull(long number, int count) {
			this.number = number;
			this.count = count;
		}

		long number() {
			return this.number;
		}

		/** The messages asked for, but for those that will not come. */
		int count() {
			return this.count;
		}

		/** The messages that are still to come. */
		int left() {
			return this.count - this.delivered;
		}

	}

}
