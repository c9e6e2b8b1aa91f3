package io.lifeboat.drill;

import io.lifeboat.repository.DrillSummary.Terms;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.SnapshotInfo.Proof;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Whether what a drill proved of a snapshot still counts. A proof is one of what was: it ages out,
 * and it is revoked when what it was made by is not what a drill would be made by now. A drill that
 * could not tell (ERROR, SKIPPED) changes nothing of what one before it found.
 *
 * @param level how far it is or was proven; empty for {@link Status#NONE}
 * @param provenAt when
 * @param validUntil when it ages out, or did; empty where the plan does not say
 * @param because what there is to say of it, a clause each: none for a proof that stands
 */
public record ProofStanding(
    Status status,
    Optional<ProofLevel> level,
    Optional<Instant> provenAt,
    Optional<Instant> validUntil,
    List<String> because) {
  /** What a proof is worth. */
  public enum Status {
    /** It counts. */
    VALID,
    /** It is older than the plan wants. */
    EXPIRED,
    /** Something that it hangs on has changed. */
    REVOKED,
    /** There is none: no drill yet, or the last that could tell found it bad. */
    NONE
  }

  /** Copies the list. */
  public ProofStanding {
    because = List.copyOf(because);
  }

  /** Judges a snapshot by what holds now. */
  public static ProofStanding of(SnapshotInfo info, ProofBasis basis, Instant now) {
    Optional<Proof> told = info.proof().flatMap(Proof::told);
    if (told.filter(proof -> proof.verdict().equals(Verdict.PASS.name())).isEmpty()) {
      return none(info.proof(), told);
    }
    Proof proof = told.get();
    Optional<Instant> validUntil =
        proof
            .terms()
            .map(Terms::validUntil)
            .orElseGet(() -> basis.provenWithin().map(proof.at()::plus));
    List<String> changes =
        proof.terms().map(terms -> basis.changesSince(terms, info)).orElse(List.of());
    Status status = changes.isEmpty() ? Status.VALID : Status.REVOKED;
    List<String> because = new ArrayList<>(changes);
    info.proof().filter(last -> !last.equals(proof)).ifPresent(last -> because.add(untold(last)));
    return new ProofStanding(status, level(proof), Optional.of(proof.at()), validUntil, because)
        .at(now);
  }

  private static ProofStanding none(Optional<Proof> last, Optional<Proof> told) {
    List<String> because = new ArrayList<>();
    told.ifPresent(proof ->
        because.add("the drill of " + day(proof.at()) + " found it bad (" + proof.verdict() + ")"));
    last.filter(drill -> !told.equals(Optional.of(drill)))
        .ifPresent(drill -> because.add(untold(drill)));
    if (because.isEmpty()) {
      because.add("never drilled");
    }
    return new ProofStanding(
        Status.NONE, Optional.empty(), Optional.empty(), Optional.empty(), because);
  }

  private static String untold(Proof drill) {
    return "the drill of " + day(drill.at()) + " could not tell (" + drill.verdict() + ")";
  }

  private static Optional<ProofLevel> level(Proof proof) {
    return List.of(ProofLevel.values()).stream()
        .filter(level -> level.name().equals(proof.level()))
        .findFirst();
  }

  /** The same at a later time, while nothing else changes: it ages. */
  public ProofStanding at(Instant later) {
    return status == Status.VALID ? aged(later) : this;
  }

  private ProofStanding aged(Instant now) {
    if (validUntil.filter(Predicate.not(now::isBefore)).isEmpty()) {
      return this;
    }
    List<String> more = new ArrayList<>(List.of("it counted until " + day(validUntil.get())));
    more.addAll(because);
    return new ProofStanding(Status.EXPIRED, level, provenAt, validUntil, more);
  }

  /** Whether it counts. */
  public boolean stands() {
    return status == Status.VALID;
  }

  /** Whether it counts, and goes as far as this. */
  public boolean standsAt(ProofLevel wanted) {
    return stands() && level.filter(reached -> reached.compareTo(wanted) >= 0).isPresent();
  }

  /** For people: {@code proven to L6 on 2026-11-20, expired: it counted until 2026-11-27}. */
  public String words() {
    String why = because.isEmpty() ? "" : ": " + String.join("; ", because);
    String proven =
        "proven"
            + level.map(reached -> " to " + reached).orElse("")
            + provenAt.map(at -> " on " + day(at)).orElse("");
    return switch (status) {
      case NONE -> "not proven" + why;
      case VALID -> proven + validUntil.map(at -> ", counts until " + day(at)).orElse("") + why;
      case EXPIRED -> proven + ", expired" + why;
      case REVOKED -> proven + ", revoked" + why;
    };
  }

  private static LocalDate day(Instant at) {
    return LocalDate.ofInstant(at, ZoneOffset.UTC);
  }
}
