package io.lifeboat.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckLogTest {
  private final CheckLog log = new CheckLog(Progress.none());

  private void passThrough(BuiltInCheck last) {
    for (BuiltInCheck check :
        List.of(
            BuiltInCheck.OBJECTS,
            BuiltInCheck.KEYS,
            BuiltInCheck.RESTORED,
            BuiltInCheck.MANIFEST,
            BuiltInCheck.BOOTS,
            BuiltInCheck.TABLES,
            BuiltInCheck.CANARY)) {
      log.pass(check, "fine");
      if (check == last) {
        return;
      }
    }
  }

  @Test
  void nothingCheckedIsAnErrorAndProvesNothing() {
    assertThat(log.verdict()).isEqualTo(Verdict.ERROR);
    assertThat(log.level()).isEmpty();
  }

  @Test
  void everythingPassedIsAPassAtTheHighestLevelChecked() {
    passThrough(BuiltInCheck.CANARY);
    assertThat(log.verdict()).isEqualTo(Verdict.PASS);
    assertThat(log.level()).contains(ProofLevel.L6);
  }

  @Test
  void aFailureOutweighsAnErrorAndAnErrorASkip() {
    passThrough(BuiltInCheck.BOOTS);
    log.skip(BuiltInCheck.CANARY, "none");
    assertThat(log.verdict()).isEqualTo(Verdict.SKIPPED);
    log.error(BuiltInCheck.TABLES, "no memory");
    assertThat(log.verdict()).isEqualTo(Verdict.ERROR);
    log.add("APP-1", Verdict.FAIL, "orders are missing", "none");
    assertThat(log.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(log.level()).contains(ProofLevel.L4);
  }

  @Test
  void aLevelAboveAnUnprovenOneIsNotProven() {
    passThrough(BuiltInCheck.TABLES);
    log.skipUnproven(BuiltInCheck.CANARY, "no canary");
    log.add("APP-1", Verdict.PASS, "orders are missing", "20000");
    assertThat(log.verdict()).isEqualTo(Verdict.PASS);
    assertThat(log.level()).contains(ProofLevel.L5);
  }

  @Test
  void anOptionalSkipTakesNothingAway() {
    passThrough(BuiltInCheck.TABLES);
    log.skipOptional(BuiltInCheck.INDEXES, "no amcheck");
    assertThat(log.verdict()).isEqualTo(Verdict.PASS);
    assertThat(log.level()).contains(ProofLevel.L5);
  }

  @Test
  void whetherBackupsComeFailsADrillAndNeitherProvesNorTakesAnythingAway() {
    log.pass(BuiltInCheck.FRESH, "an hour old");
    assertThat(log.verdict()).isEqualTo(Verdict.ERROR);
    assertThat(log.level()).isEmpty();
    passThrough(BuiltInCheck.CANARY);
    log.fail(BuiltInCheck.FRESH, "a week old");
    assertThat(log.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(log.level()).contains(ProofLevel.L6);
  }

  @Test
  void aKeyThatDoesNotOpenTheBackupCountsAgainstIt() {
    log.broken(BuiltInCheck.KEYS, failure(ErrorCode.KEY_MISMATCH));
    assertThat(log.verdict()).isEqualTo(Verdict.FAIL);
  }

  @Test
  void whoIsToBlameDecidesBetweenFailureAndError() {
    log.broken(BuiltInCheck.OBJECTS, failure(ErrorCode.OBJECT_DAMAGED));
    assertThat(log.verdict()).isEqualTo(Verdict.FAIL);
    CheckLog other = new CheckLog(Progress.none());
    other.broken(BuiltInCheck.OBJECTS, failure(ErrorCode.STORE_UNREACHABLE));
    assertThat(other.verdict()).isEqualTo(Verdict.ERROR);
    assertThatThrownBy(() -> other.broken(BuiltInCheck.OBJECTS, failure(ErrorCode.CANCELLED)))
        .isInstanceOf(LifeboatException.class);
  }

  private static PermanentException failure(ErrorCode code) {
    return new PermanentException(code, "It happened", "Do something.");
  }
}
