package io.lifeboat.postgres.logical;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Refusals after which the target is still as the dump says. Everything else that a target refuses
 * is a failure. Short on purpose: each has its reason.
 */
enum BenignRefusal {
  /** duplicate_schema */
  PUBLIC_IS_THERE("42P06", "CREATE SCHEMA public", "every new database has the schema public"),
  /** insufficient_privilege */
  COMMENT_OF_EXTENSION(
      "42501",
      "COMMENT ON EXTENSION .*",
      "the comment is the extension's own, and was set as it was created"),
  /** undefined_object */
  UNKNOWN_SETTING(
      "42704",
      "SET [a-z_]+ = .*",
      "a newer pg_dump sets what an older server does not have, for its own session only"),
  /** invalid_parameter_value */
  TABLESPACE_IS_MISSING(
      "22023",
      "SET default_tablespace = .*",
      "where a tablespace is missing, tables lie in the database's own");

  private final String state;
  private final Pattern statement;
  private final String reason;

  BenignRefusal(String state, String statement, String reason) {
    this.state = state;
    this.statement = Pattern.compile(statement, Pattern.DOTALL);
    this.reason = reason;
  }

  /** Why it does no harm that this was refused; empty if it does. */
  static Optional<String> reason(String state, String statement) {
    return Arrays.stream(values())
        .filter(benign ->
            benign.state.equals(state) && benign.statement.matcher(statement.strip()).matches())
        .map(benign -> benign.reason)
        .findFirst();
  }
}
