package io.lifeboat.postgres.logical;

/**
 * A statement that the target refused.
 *
 * @param state SQLSTATE
 * @param statement its beginning
 */
public record LoadProblem(String state, String message, String statement) {
  private static final int LONGEST = 120;

  /** Of a whole statement. */
  static LoadProblem of(String state, String message, String statement) {
    String line = statement.strip().replaceAll("\\s+", " ");
    return new LoadProblem(
        state,
        message.strip().replaceAll("\\s*\\R\\s*", " / "),
        line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…");
  }

  /** In one line. */
  public String sentence() {
    return state + ": " + message + " (" + statement + ")";
  }
}
