package io.lifeboat.repository;

import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.SigningKey;
import java.time.Instant;

/**
 * One entry of the commit log: {@code log/<16 hex digits>} is a signed text of this record as JSON,
 * with purpose {@code log}.
 *
 * @param n its number
 * @param previous SHA-256 of the whole object of entry n-1, 64 zeros for entry 0
 * @param at the writer's clock; nothing is decided by it
 * @param writer the id of the key that signed
 */
record LogEntry(long n, String previous, Instant at, String writer, LogRecord body) {
  static final String PURPOSE = "log";

  byte[] sign(SigningKey key) {
    return SignedText.sign(PURPOSE, Json.write(this), key);
  }
}
