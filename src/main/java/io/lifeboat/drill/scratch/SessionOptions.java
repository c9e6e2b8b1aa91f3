package io.lifeboat.drill.scratch;

import io.lifeboat.drill.scratch.PostgresScratch.Access;
import java.time.Duration;
import java.util.List;

/** The settings that each of our sessions starts with, whichever way it reaches the server. */
final class SessionOptions {
  private SessionOptions() {}

  /** {@code name=value}, without spaces. */
  static List<String> of(Access access, Duration limit) {
    return List.of(
        "default_transaction_read_only="
            + switch (access) {
              case READ_ONLY -> "on";
              case READ_WRITE -> "off";
            },
        "statement_timeout=" + Math.max(1, limit.toMillis()),
        "lock_timeout=10000",
        "datestyle=ISO",
        "timezone=UTC",
        "intervalstyle=postgres",
        "bytea_output=hex",
        "extra_float_digits=1");
  }
}
