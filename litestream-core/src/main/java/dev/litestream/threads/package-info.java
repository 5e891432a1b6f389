/**
 * Who runs when. For the engine, not for applications.
 * <ul>
 * <li>Which threads are there? {@link dev.litestream.threads.Workers}; while the system
 * cannot start any, tasks wait.</li>
 * <li>Who may block whom? Each kind of work has its lane, a share of the threads.</li>
 * <li>What keeps a task from running twice? {@link dev.litestream.threads.SerialTask}: a
 * signal that comes while it runs makes it run once more.</li>
 * <li>What happens after a failure? {@link dev.litestream.threads.RetryingTask} rests,
 * longer each time ({@link dev.litestream.threads.Backoff}), unless somebody waits.</li>
 * <li>Who makes repeated calls? One tick for all databases of an interval.</li>
 * </ul>
 */
@NullMarked
package dev.litestream.threads;

import org.jspecify.annotations.NullMarked;
