package io.lifeboat.drill.scratch;

import java.util.List;
import java.util.Optional;

/** What a scratch server answered. */
public sealed interface SqlOutcome {
  /**
   * It found rows.
   *
   * @param rows values as PostgreSQL prints them, empty for null
   */
  record Rows(List<List<Optional<String>>> rows) implements SqlOutcome {
    /** Copies the rows. */
    public Rows {
      rows = rows.stream().map(List::copyOf).toList();
    }
  }

  /**
   * It refused.
   *
   * @param state SQLSTATE, five characters; {@code 08006} where the connection was lost
   */
  record Refused(String state, String message) implements SqlOutcome {}
}
