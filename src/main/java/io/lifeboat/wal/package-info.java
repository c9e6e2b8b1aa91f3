/**
 * A server's write-ahead log on its way into the repository. {@link io.lifeboat.wal.WalReceiver}
 * streams it through a physical slot into a {@link io.lifeboat.wal.WalSpool}, from where a {@link
 * io.lifeboat.wal.WalShipper} stores it in pieces; neither waits for the other. {@link
 * io.lifeboat.wal.WalCoverage} says what the pieces of a repository cover, and where the first gap
 * is.
 */
@NullMarked
package io.lifeboat.wal;

import org.jspecify.annotations.NullMarked;
