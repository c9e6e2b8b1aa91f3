package io.lifeboat.drill.scratch;

import io.lifeboat.drill.scratch.PostgresScratch.Access;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The settings that each of our sessions starts with, whichever way it reaches the server. */
final class SessionOptions {
  private SessionOptions() {}

  /** {@code name=value}, without spaces. */
  static List<String> of(Access access, Duration limit) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "statement_timeout=" + Math.max(1, limit.toMillis()),
                "lock_timeout=10000",
                "datestyle=ISO",
                "timezone=UTC",
                "intervalstyle=postgres",
                "bytea_output=hex",
                "extra_float_digits=1"));
    options.add(
        switch (access) {
          case PLANNED -> "default_transaction_read_only=on";
          case OWN -> "search_path=pg_catalog";
        });
    return options;
  }
}
