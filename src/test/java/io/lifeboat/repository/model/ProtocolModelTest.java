package io.lifeboat.repository.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Prints how much was explored, and the shortest way to each loss that a missing rule permits. */
@Tag("slow")
class ProtocolModelTest {
  /** Two writers, two pruners, a reader, a restart, a put without answer. */
  private static final Setup STANDARD = Setup.standard();

  private static final Setup REPACKING = Setup.repacking();

  /** Without restarts and reader, for what holds though a rule is missing. */
  private static final Setup SMALL =
      STANDARD
          .withWriters(new Setup.Node(Setup.A, 1), new Setup.Node(Setup.A | Setup.B, 1))
          .withReaders(0);

  private static final Setup SMALL_REPACKING = REPACKING.withTimeouts(0);

  @Test
  void noOrderOfStepsLosesASnapshotOrLeavesGarbageOrRefusesARunTooEarly() {
    Setup restarts = STANDARD.withTimeouts(0);
    Checker.Result result = holds("restarts", restarts, Invariant.all());

    assertThat(result.states()).isGreaterThan(800_000);
    assertThat(result.stores()).isGreaterThan(1_500);
  }

  @Test
  void norDoesAnyIfAnswersAreLost() {
    Checker.Result result = holds("lost answers", SMALL.withReaders(1), Invariant.all());

    assertThat(result.states()).isGreaterThan(700_000);
  }

  @Test
  void norIfAnswersAreLostAndWritersCrash() {
    holds("lost answers and restarts", STANDARD.withReaders(0), Invariant.all());
  }

  @Test
  void neitherDoesAnyOrderInWhichPacksAreRepacked() {
    Checker.Result result = holds("repacking", REPACKING, Invariant.all());

    assertThat(result.states()).isGreaterThan(2_000_000);
  }

  @Test
  void norWithTwoRunsOfBothWriters() {
    Setup longer =
        STANDARD
            .withWriters(new Setup.Node(Setup.A, 2), new Setup.Node(Setup.A | Setup.B, 2))
            .withReaders(0)
            .withTimeouts(0);
    holds("two runs each", longer, Invariant.all());
  }

  @Test
  void norWithALongerLog() {
    holds("a longer log", SMALL.withCapacity(8), Invariant.all());
  }

  @Test
  void takingEquivalentStatesForOneHidesNoContentsOfTheStore() {
    for (Setup setup : Set.of(SMALL.withCapacity(5), SMALL_REPACKING.withCapacity(5))) {
      Checker.Result reduced = holds("reduced", setup, Invariant.all());
      Checker.Result whole = holds("unreduced", setup.unreduced(), Invariant.all());

      assertThat(whole.states()).isGreaterThan(reduced.states());
      assertThat(whole.stores()).isEqualTo(reduced.stores());
    }
  }

  @Test
  void withoutRecomputingASweepAtTheTipAPackIsDeletedThatWasReferencedMeanwhile() {
    loses(STANDARD, Invariant.RESTORES, Rule.SWEEP_AT_TIP);
  }

  @Test
  void withoutTheGuardARunCommitsPacksThatWereSwept() {
    loses(STANDARD, Invariant.RESTORES, Rule.APPEND_GUARD);
  }

  @Test
  void withoutTheGuardAReaderMissesAPack() {
    breaks(STANDARD, EnumSet.of(Invariant.READER_IS_SERVED), Rule.APPEND_GUARD);
  }

  @Test
  void withoutTakingBackASweepNamesReferencedPacks() {
    loses(STANDARD, Invariant.RESTORES, Rule.TAKE_BACK);
  }

  @Test
  void withoutADurableSweepBeforeDeletionTheGuardComesTooLate() {
    loses(STANDARD, Invariant.RESTORES, Rule.SWEEP_BEFORE_DELETE);
  }

  /** The probe at {@code init} and at each start is for this. */
  @Test
  void withoutConditionalPutsEntriesAreLost() {
    loses(STANDARD, Invariant.LOG_ONLY_GROWS, Rule.CONDITIONAL_PUT);
    breaks(SMALL, EnumSet.of(Invariant.ACKNOWLEDGED_IS_LOGGED), Rule.CONDITIONAL_PUT);
    breaks(SMALL.withTimeouts(0), EnumSet.of(Invariant.RESTORES), Rule.CONDITIONAL_PUT);
  }

  @Test
  void withoutLookingAfterATimeOutASuccessIsReportedThatIsNone() {
    loses(STANDARD, Invariant.ACKNOWLEDGED_IS_LOGGED, Rule.LOOK_AFTER_TIMEOUT);
  }

  @Test
  void withoutFreshSaltsAChunkThatWasSweptOnceCanNeverBeCommittedAgain() {
    breaks(STANDARD, EnumSet.of(Invariant.LONE_RUN_COMMITS), Rule.FRESH_SALTS);
    holds("no fresh salts", SMALL.without(Rule.FRESH_SALTS), Invariant.safety());
  }

  /** A guard that lets such a run pass, since it uploaded the pack itself, is no way out. */
  @Test
  void withoutFreshSaltsAndWithAGuardThatForgetsOldSweepsALateDeleterHitsTheNewUpload() {
    loses(STANDARD, Invariant.RESTORES, Rule.FRESH_SALTS, Rule.GUARD_MINDS_OLD_SWEEPS);
    holds(
        "fresh salts, forgetful guard",
        SMALL.without(Rule.GUARD_MINDS_OLD_SWEEPS),
        Invariant.all());
  }

  /** That is all the grace rule is for: no grace period, however short, loses anything. */
  @Test
  void withoutHeedingCondemnARunIsRefusedThatBeganAfterTheWarningButNothingIsLost() {
    breaks(STANDARD, EnumSet.of(Invariant.REFUSED_ONLY_FOR_LATER_CONDEMN), Rule.HEED_CONDEMN);

    Set<Invariant> others = Invariant.all();
    others.remove(Invariant.REFUSED_ONLY_FOR_LATER_CONDEMN);
    holds("condemn ignored", SMALL.without(Rule.HEED_CONDEMN), others);
  }

  @Test
  void withoutHeedingSweepsEitherARunIsRefusedForEverButNothingIsLost() {
    breaks(STANDARD, EnumSet.of(Invariant.LONE_RUN_COMMITS), Rule.HEED_CONDEMN, Rule.HEED_SWEEP);
    holds(
        "condemn and sweep ignored",
        SMALL.without(Rule.HEED_CONDEMN, Rule.HEED_SWEEP),
        Invariant.safety());
    holds("sweep ignored, condemn heeded", SMALL.without(Rule.HEED_SWEEP), Invariant.all());
  }

  @Test
  void withoutCondemningWhatWasNeverReferencedGarbageStays() {
    breaks(STANDARD, EnumSet.of(Invariant.GARBAGE_IS_BOUNDED), Rule.CONDEMN_ALL_LISTED);
    holds("uncommitted packs kept", SMALL.without(Rule.CONDEMN_ALL_LISTED), Invariant.safety());
  }

  @Test
  void withoutAGuardARelocationLeadsToASweptPack() {
    loses(REPACKING, Invariant.RESTORES, Rule.RELOCATE_GUARD);
  }

  @Test
  void withoutCheckingItAgainARelocationLeadsToAPackThatLacksAChunk() {
    loses(REPACKING, Invariant.RESTORES, Rule.RELOCATE_COVERS);
  }

  @Test
  void aRelocationMustNotRedirectSnapshotsAfterIt() {
    loses(REPACKING, Invariant.RESTORES, Rule.REDIRECT_EARLIER_ONLY);
  }

  @Test
  void withoutReadingTheLogAgainAReaderFailsWhilePacksAreRepacked() {
    breaks(REPACKING, EnumSet.of(Invariant.READER_IS_SERVED), Rule.READ_AGAIN);
  }

  @Test
  void writersMayReuseRelocatedPacksUntilTheseAreCondemned() {
    holds("relocate ignored", SMALL_REPACKING.without(Rule.HEED_RELOCATE), Invariant.all());
  }

  private static Checker.Result holds(String name, Setup setup, Set<Invariant> invariants) {
    Checker.Result result = Checker.check(setup, invariants);
    System.out.printf(
        "%s: %,d states, %,d steps, %,d contents of the store and the log%n",
        name, result.states(), result.steps(), result.stores());
    assertThat(result.counterexample()).isEmpty();
    return result;
  }

  /** The first of all safety properties to break is this one. */
  private static void loses(Setup setup, Invariant first, Rule... missing) {
    assertThat(breaks(setup, Invariant.safety(), missing).broken()).isEqualTo(first);
  }

  private static Counterexample breaks(Setup setup, Set<Invariant> invariants, Rule... missing) {
    Checker.Result result = Checker.check(setup.without(missing), invariants);
    assertThat(result.counterexample()).isPresent();
    Counterexample found = result.counterexample().orElseThrow();
    System.out.printf("Without %s:%n%s%n", Arrays.toString(missing), found);
    return found;
  }
}
