package io.lifeboat.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.drill.ControlResult.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControlResultTest {
  private static CheckResult check(BuiltInCheck check, Verdict result) {
    return new CheckResult(check.id(), check.level(), result, check.meaning(), "seen");
  }

  private static Outcome of(Verdict verdict, CheckResult... checks) {
    return ControlResult.of(Damage.EXTRA_ROW, verdict, List.of(checks)).outcome();
  }

  @Test
  void onlyTheCheckThatIsThereForADamageFindsIt() {
    assertThat(of(Verdict.FAIL, check(BuiltInCheck.COUNTS, Verdict.FAIL))).isEqualTo(Outcome.FOUND);
    assertThat(of(Verdict.FAIL, check(BuiltInCheck.DIGESTS, Verdict.FAIL)))
        .isEqualTo(Outcome.MISSED);
    assertThat(of(Verdict.PASS, check(BuiltInCheck.COUNTS, Verdict.PASS)))
        .isEqualTo(Outcome.MISSED);
    assertThat(of(Verdict.SKIPPED, check(BuiltInCheck.COUNTS, Verdict.SKIPPED)))
        .isEqualTo(Outcome.MISSED);
    assertThat(of(Verdict.PASS)).isEqualTo(Outcome.MISSED);
  }

  /** The environment's faults are no alarm about the prover. */
  @Test
  void whatCouldNotBeTriedIsNeitherFoundNorMissed() {
    assertThat(of(Verdict.ERROR, check(BuiltInCheck.SCRATCH, Verdict.ERROR)))
        .isEqualTo(Outcome.UNTRIED);
    assertThat(of(Verdict.ERROR)).isEqualTo(Outcome.UNTRIED);
  }

  @Test
  void oneThatIsMissedOutweighsAllTheOthers() {
    var found = new ControlResult(Damage.STALE, Outcome.FOUND, "", List.of());
    var missed = new ControlResult(Damage.EXTRA_ROW, Outcome.MISSED, "", List.of());
    ControlResult untried = ControlResult.untried(Damage.WRONG_KEY, "no kit");
    assertThat(new ControlReport("p", "s", List.of(found)).outcome()).isEqualTo(Outcome.FOUND);
    assertThat(new ControlReport("p", "s", List.of(found, untried)).outcome())
        .isEqualTo(Outcome.UNTRIED);
    assertThat(new ControlReport("p", "s", List.of(untried, missed, found)).outcome())
        .isEqualTo(Outcome.MISSED);
  }
}
