package dev.litestream.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class that uses the one nats-server which all such classes of a JVM share. It is
 * handed to constructors and methods that have a {@link NatsServer} parameter. For tests
 * that take their own buckets and leave the server running; a test that stops, kills or
 * pauses a server starts its own by {@link NatsServer#start()}.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@ExtendWith(NatsServerExtension.class)
public @interface NatsServerTest {

}
