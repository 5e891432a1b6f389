package dev.litestream.replication;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a failure that goes on leaves in the log.
 */
class ErrorLogTests {

	private final Logger logger = (Logger) LoggerFactory.getLogger(ErrorLogTests.class);

	private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

	private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1);

	private final ErrorLog log = new ErrorLog(this.logger, "app.db", this.now::get);

	@BeforeEach
	void listen() {
		this.lines.start();
		this.logger.addAppender(this.lines);
	}

	@AfterEach
	void leave() {
		this.logger.detachAppender(this.lines);
	}

	@Test
	@Hazard("F3")
	void failureIsLoggedEvery30SecondsWhateverItsWords() {
		for (int second = 0; second <= 60; second++) {
			this.log.failed("It failed", new IOException("attempt " + second));
			this.now.addAndGet(Duration.ofSeconds(1).toNanos());
		}
		assertThat(logged()).containsExactly("app.db: It failed: attempt 0", "app.db: It failed: attempt 30",
				"app.db: It failed: attempt 60");
	}

	@Test
	@Hazard("F3")
	void failuresOfSeveralKindsDoNotMakeRoomForEachOther() {
		for (int second = 0; second < 30; second++) {
			this.log.failed("It failed", new IOException("so"));
			this.log.failed("Another failed", new IOException("otherwise"));
			this.now.addAndGet(Duration.ofSeconds(1).toNanos());
		}
		assertThat(logged()).containsExactly("app.db: It failed: so", "app.db: Another failed: otherwise");
	}

	@Test
	@Hazard("F3")
	void failureThatComesAndGoesIsLoggedEvery30Seconds() {
		for (int second = 0; second < 30; second++) {
			this.log.failed("It failed", new IOException("so"));
			this.log.recovered();
			this.now.addAndGet(Duration.ofSeconds(1).toNanos());
		}
		assertThat(logged()).containsExactly("app.db: It failed: so", "app.db: replication works again");
	}

	@Test
	void endIsLoggedOnceAndOnlyAfterAFailure() {
		this.log.recovered();
		this.log.failed("It failed", new IOException());
		this.log.recovered();
		this.log.recovered();
		assertThat(logged()).containsExactly("app.db: It failed: IOException", "app.db: replication works again");
	}

	@Test
	void whatWasDescribedBeforeIsNotDescribedAgain() {
		String once = ErrorLog.describe(new IOException("app.db-wal (Too many open files)"));
		assertThat(once).containsOnlyOnce("raise its limit (ulimit -n)");
		assertThat(ErrorLog.describe(new IllegalStateException("It failed: " + once))).isEqualTo("It failed: " + once);
	}

	private List<String> logged() {
		return this.lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
	}

}
