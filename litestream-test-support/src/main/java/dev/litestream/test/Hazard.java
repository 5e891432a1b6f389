package dev.litestream.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the hazard that a test guards against. The identifiers are those of the list of
 * known ways in which replicating a write-ahead log goes wrong: {@code A} capture and
 * checkpoint, {@code B} WAL parsing, {@code C} position and restart, {@code D} compaction
 * and retention, {@code E} restore, {@code F} resources and life cycle, {@code G} inside
 * one process, {@code N} and {@code S} NATS.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE })
@Repeatable(Hazards.class)
public @interface Hazard {

	/**
	 * The hazard's identifier.
	 * @return a letter and a number, such as {@code A7}
	 */
	String value();

}
