/**
 * The replica in a NATS JetStream object store, on plain JetStream calls; the layout in
 * the bucket is that of ADR-20, as described at {@code ObjectMeta}.
 */
@NullMarked
package dev.litestream.nats;

import org.jspecify.annotations.NullMarked;
