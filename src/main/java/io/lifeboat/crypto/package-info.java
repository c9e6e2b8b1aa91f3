/**
 * Sealing, signing and identities: everything that turns secrets into bytes and back, and nothing
 * else. {@link io.lifeboat.crypto.MessageSealer} seals chunks and footers under session keys (C2SP
 * chunked encryption); {@link io.lifeboat.crypto.AgeFiles} envelopes the session keys to recipients
 * as ordinary age files (post-quantum X-Wing); {@link io.lifeboat.crypto.SigningKey} and {@link
 * io.lifeboat.crypto.SignedText} sign what orders and describes a repository; {@link
 * io.lifeboat.crypto.DomainKey} yields the keys of deduplication; {@link
 * io.lifeboat.crypto.ServiceKey} and {@link io.lifeboat.crypto.RecoveryKit} are the two files that
 * {@code lifeboat init} writes, and {@link io.lifeboat.crypto.KeyFiles} reads and writes them.
 * Types that hold secrets mask them in {@code toString}.
 */
@NullMarked
package io.lifeboat.crypto;

import org.jspecify.annotations.NullMarked;
