/**
 * What is kept beside a database: the LTX files that the replica may lack, and what is
 * remembered of where they came from. For the engine, not for applications.
 * <ul>
 * <li>Where do the files lie, and when are they durable?
 * {@link dev.litestream.spool.Spool}: one of them is a
 * {@link dev.litestream.spool.SpoolFile}.</li>
 * <li>Which database, replica and run of the machine do they belong to?
 * {@link dev.litestream.spool.Provenance}; what the file looked like at a stop, a
 * {@link dev.litestream.spool.FileStamp}.</li>
 * <li>Who keeps a second replicator away? {@link dev.litestream.spool.SpoolLock}.</li>
 * <li>Who may read it? Whoever may read the database: its mode and owner are taken
 * over.</li>
 * </ul>
 */
@NullMarked
package dev.litestream.spool;

import org.jspecify.annotations.NullMarked;
