package io.lifeboat.repository;

import io.lifeboat.crypto.MessageSealer;
import java.nio.charset.StandardCharsets;

/**
 * Short records inside log entries, sealed under a domain's summary key and bound to the entry's
 * own id.
 */
final class Summaries {
  private static final String CONTEXT = "lifeboat summary v1 ";

  private Summaries() {}

  static byte[] seal(MessageSealer sealer, byte[] key, String id, Object summary) {
    byte[] plain = Json.write(summary).getBytes(StandardCharsets.UTF_8);
    return sealer.seal(key, context(id), plain, 0, plain.length);
  }

  static <T> T open(MessageSealer sealer, byte[] key, String id, String base64, Class<T> type) {
    String where = "the summary of " + id;
    return Failures.naming(
        where,
        () -> {
          byte[] plain = sealer.open(key, context(id), SealedText.decode(base64, where));
          return Json.read(new String(plain, StandardCharsets.UTF_8), type, where);
        });
  }

  private static byte[] context(String id) {
    return (CONTEXT + id).getBytes(StandardCharsets.UTF_8);
  }
}
