package dev.litestream.nats.connection;

import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.slf4j.LoggerFactory;

/**
 * Keeps what a class logs.
 */
final class LoggedLines implements AutoCloseable {

	private final Logger logger;

	private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

	LoggedLines(Class<?> source) {
		this.logger = (Logger) LoggerFactory.getLogger(source);
		this.lines.start();
		this.logger.addAppender(this.lines);
	}

	List<String> warnings() {
		return List.copyOf(this.lines.list)
			.stream()
			.filter((line) -> line.getLevel().isGreaterOrEqual(Level.WARN))
			.map(ILoggingEvent::getFormattedMessage)
			.toList();
	}

	@Override
	public void close() {
		this.logger.detachAppender(this.lines);
	}

}
