/**
 * The files kept beside a database: the LTX files that the replica may lack, and notes
 * about where they came from. For the engine, not for applications.
 * <ul>
 * <li>Where do the files lie, and when are they durable?
 * {@link dev.litestream.spool.Spool}; each is a
 * {@link dev.litestream.spool.SpoolFile}.</li>
 * <li>Which database, replica and run of the machine do they belong to?
 * {@link dev.litestream.spool.Provenance}; the state of the file at a stop is a
 * {@link dev.litestream.spool.FileStamp}.</li>
 * <li>Who keeps a second replicator away? {@link dev.litestream.spool.SpoolLock}.</li>
 * <li>Who may read it? Whoever may read the database: the spool has the same mode and
 * owner.</li>
 * </ul>
 */
@NullMarked
package dev.litestream.spool;

import org.jspecify.annotations.NullMarked;
