package io.lifeboat.drill.scratch;

import java.util.Set;

/** What a server's refusal says about the backup. */
public enum SqlFault {
  /** The data is damaged. */
  DATA,
  /** The question was wrong: no such table, a syntax error, an attempt to write. */
  QUESTION,
  /** The scratch could not: no memory, no time, a library that is not there, a lost connection. */
  SCRATCH;

  /**
   * undefined_table, undefined_column, undefined_function, invalid_schema_name,
   * invalid_catalog_name
   */
  private static final Set<String> ABSENT = Set.of("42P01", "42703", "42883", "3F000", "3D000");

  /** Classifies a refusal by its SQLSTATE, and by its text where one state means two things. */
  public static SqlFault of(SqlOutcome.Refused refused) {
    String state = refused.state();
    if (state.equals("58P01")) { // undefined_file: a relation's, or an extension's library
      return refused.message().contains("could not access file") ? SCRATCH : DATA;
    }
    if (state.startsWith("XX") || state.equals("22021") || state.equals("22P03")) {
      return DATA; // internal_error, data_corrupted, index_corrupted; bytes that are no text
    }
    return state.startsWith("42") || state.startsWith("3") || state.startsWith("2")
        ? QUESTION
        : SCRATCH;
  }

  /** Whether what was asked for is not there. */
  public static boolean isAbsence(SqlOutcome.Refused refused) {
    return ABSENT.contains(refused.state());
  }

  /**
   * Whether the answer shows a server that has finished starting, whatever it thinks of the
   * question.
   */
  static boolean acceptsConnections(SqlOutcome outcome) {
    return switch (outcome) {
      case SqlOutcome.Rows rows -> true;
      case SqlOutcome.Refused refused ->
          !refused.state().startsWith("08")
              && !refused.state().startsWith("57")
              && !refused.state().startsWith("53");
    };
  }
}
