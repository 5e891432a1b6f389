package dev.litestream.nats.bucket;

import dev.litestream.nats.bucket.Pulls.Pull;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which pulls are under way, as the server sees it.
 */
class PullsTests {

	private static final int AT_MOST = 100;

	private final Pulls pulls = new Pulls();

	@Test
	void twoPullsAreUnderWayWhileThereIsMore() {
		assertThat(next(250)).isEqualTo(100);
		assertThat(next(250)).isEqualTo(100);
		assertThat(this.pulls.next(250, AT_MOST)).as("two are enough").isZero();
		deliver(100);
		assertThat(next(150)).as("50 are asked for by nobody").isEqualTo(50);
		deliver(150);
		assertThat(this.pulls.isEmpty()).isTrue();
	}

	@Test
	void nothingIsAskedForTwice() {
		assertThat(next(3)).isEqualTo(3);
		assertThat(this.pulls.next(3, AT_MOST)).isZero();
		assertThat(this.pulls.next(2, AT_MOST)).as("others delete meanwhile").isZero();
	}

	@Test
	void aPullThatIsRefusedBesideAnotherIsTheOneThatEnds() {
		Pull served = this.pulls.add(10);
		deliver(4);
		// Two messages are new. By the time the server hears of it, others have deleted
		// some, and it refuses the second pull, as the first one asks for all.
		Pull refused = this.pulls.add(2);
		this.pulls.ended(at(refused), refused.left());
		assertThat(at(served)).isSameAs(served);
		assertThat(served.left()).isEqualTo(6);
		// What came later fills the first pull: the server knows of none any more.
		deliver(6);
		assertThat(this.pulls.isEmpty()).as("no pull that the server does not know is waited for").isTrue();
		assertThat(next(2)).isEqualTo(2);
	}

	@Test
	void aRefusedPullIsNotRepeatedBeforeTheOtherIsComplete() {
		this.pulls.add(10);
		Pull refused = this.pulls.add(2);
		this.pulls.ended(refused, refused.left());
		assertThat(this.pulls.next(12, AT_MOST)).isZero();
		deliver(10);
		assertThat(next(250)).isEqualTo(100);
		assertThat(next(250)).as("two at a time again").isEqualTo(100);
	}

	@Test
	void aPullThatHadItsBytesStaysUntilItsMessagesHaveCome() {
		Pull pull = this.pulls.add(10);
		deliver(3);
		this.pulls.ended(pull, 2);
		assertThat(at(pull)).isSameAs(pull);
		deliver(5);
		assertThat(this.pulls.isEmpty()).isTrue();
		assertThat(at(pull)).isNull();
	}

	@Test
	void aMessageWithoutAPullIsNoHarm() {
		deliver(1);
		assertThat(this.pulls.isEmpty()).isTrue();
		assertThat(next(5)).isEqualTo(5);
	}

	private int next(long pending) {
		int count = this.pulls.next(pending, AT_MOST);
		if (count > 0) {
			this.pulls.add(count);
		}
		return count;
	}

	private Pull at(Pull pull) {
		return this.pulls.at(Long.toString(pull.number()));
	}

	private void deliver(int messages) {
		for (int i = 0; i < messages; i++) {
			this.pulls.delivered();
		}
	}

}
