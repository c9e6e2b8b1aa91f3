package io.lifeboat.drill;

import io.lifeboat.drill.scratch.SqlFault;
import io.lifeboat.drill.scratch.SqlOutcome;
import java.util.ArrayList;
import java.util.List;

/** What one comparison with the truth manifest has found so far. For one thread. */
final class TruthTally {
  private static final int MOST_TOLD = 5;
  private static final String NO_LIBRARY = "could not access file";

  private final BuiltInCheck check;
  private final List<String> problems = new ArrayList<>();
  private final List<String> errors = new ArrayList<>();
  private final List<String> passedOver = new ArrayList<>();
  private long held;

  TruthTally(BuiltInCheck check) {
    this.check = check;
  }

  void judge(boolean holds, String problem) {
    if (holds) {
      held++;
    } else {
      problems.add(problem);
    }
  }

  /** Says why something was not looked at. */
  void passOver(String reason) {
    passedOver.add(reason);
  }

  /** A question about this was refused. */
  void refused(String what, SqlOutcome.Refused refused) {
    String sentence = what + ": " + refused.state() + " " + refused.message();
    if (SqlFault.isAbsence(refused) || SqlFault.of(refused) == SqlFault.DATA) {
      problems.add(sentence);
    } else if (isWithoutLibrary(refused)) {
      passedOver.add(sentence);
    } else {
      errors.add(sentence);
    }
  }

  /** Whether it is only that an extension's library is not in the scratch. */
  static boolean isWithoutLibrary(SqlOutcome.Refused refused) {
    return refused.message().contains(NO_LIBRARY);
  }

  /**
   * Says what came of it.
   *
   * @param what held, with its verb: "tables have as many rows as …"
   */
  void report(CheckLog checks, String what) {
    if (!problems.isEmpty()) {
      checks.fail(check, head(problems));
    } else if (!errors.isEmpty()) {
      checks.error(check, head(errors));
    } else if (held == 0) {
      checks.skipOptional(
          check,
          "there was nothing to compare" + (passedOver.isEmpty() ? "" : ": " + head(passedOver)));
    } else {
      checks.pass(
          check,
          held
              + " "
              + what
              + (passedOver.isEmpty()
                  ? ""
                  : "; " + passedOver.size() + " could not be compared: " + head(passedOver)));
    }
  }

  private static String head(List<String> sentences) {
    int told = Math.min(MOST_TOLD, sentences.size());
    return String.join("; ", sentences.subList(0, told))
        + (sentences.size() > told ? "; and " + (sentences.size() - told) + " more" : "");
  }
}
