package io.lifeboat.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.drill.ProofStanding.Status;
import io.lifeboat.repository.DrillSummary.Terms;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.SnapshotInfo.Proof;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a proof of 20 November is worth on the 30th. */
class ProofStandingTest {
  private static final Instant DRILLED = Instant.parse("2026-11-20T04:00:00Z");
  private static final Instant NOW = Instant.parse("2026-11-30T04:00:00Z");
  private static final String OURS = "postgres:18@sha256:aa";

  private static Terms terms(String digest, String key, String image, String server, String until) {
    return new Terms(
        "nightly",
        digest,
        key.isEmpty() ? List.of() : List.of(key, "second"),
        image,
        server,
        Optional.of(until).filter(text -> !text.isEmpty()).map(Instant::parse),
        DRILLED,
        1000,
        1000);
  }

  private static SnapshotInfo snapshot(String type, Optional<Proof> proof) {
    return new SnapshotInfo(
        "s1",
        "shop",
        type,
        "nightly",
        DRILLED.minusSeconds(60),
        DRILLED,
        1,
        1,
        1,
        proof,
        List.of(),
        Optional.empty());
  }

  private static Proof proof(String verdict, Terms terms) {
    return new Proof("dr1", verdict, "L6", DRILLED, Optional.of(terms), Optional.empty());
  }

  private static ProofStanding judged(Proof proof, ProofBasis basis) {
    return ProofStanding.of(snapshot("postgres", Optional.of(proof)), basis, NOW);
  }

  private static ProofBasis basis(Terms... newestFirst) {
    return new ProofBasis(
        Optional.of("now"), Optional.of(Duration.ofDays(5)), Set.of("key"), List.of(newestFirst));
  }

  @ParameterizedTest(name = "{0} by {1} until {5}, newest drill {6} {7}: {8}")
  @CsvSource(
      delimiter = '|',
      value = {
        // type | plan | key | image | server | until | newest image | newest server | standing
        "postgres | now | key   | I   | postgres 18.1 | ''                   | I   | postgres 18.1"
            + " | VALID   | ''",
        "postgres | now | key   | I   | postgres 18.1 | 2026-11-30T04:00:01Z | I   | postgres 18.1"
            + " | VALID   | ''",
        "postgres | now | key   | I   | postgres 18.1 | 2026-11-30T04:00:00Z | I   | postgres 18.1"
            + " | EXPIRED | until 2026-11-30",
        "postgres | old | key   | I   | postgres 18.1 | ''                   | I   | postgres 18.1"
            + " | REVOKED | checks",
        "postgres | now | other | I   | postgres 18.1 | ''                   | I   | postgres 18.1"
            + " | REVOKED | keys",
        "postgres | now | ''    | I   | postgres 18.1 | ''                   | I   | postgres 18.1"
            + " | VALID   | ''",
        "postgres | now | key   | I   | postgres 18.1 | ''                   | I:b | postgres 18.2"
            + " | REVOKED | image",
        // An older cluster runs in its own image, which a newer one's says nothing about.
        "postgres | now | key   | I   | postgres 17.1 | ''                   | I:b | postgres 18.2"
            + " | VALID   | ''",
        // Local programs and containers are not held against each other.
        "postgres | now | key   | ''  | postgres 18.1 | ''                   | I   | postgres 18.2"
            + " | VALID   | ''",
        "postgres | now | key   | I   | postgres 18.1 | ''                   | ''  | postgres 18.2"
            + " | VALID   | ''",
        "postgres-logical | now | key | '' | postgres 17.9 | ''             | ''  | postgres 18.1 |"
            + " REVOKED | major version",
        "postgres-logical | now | key | '' | postgres 18.0 | ''             | ''  | postgres 18.1 |"
            + " VALID   | ''",
        "files    | now | key   | ''  | Linux 6 amd64 | ''                   | ''  | Linux 7 amd64"
            + " | VALID   | ''",
        // What has changed outweighs what has aged.
        "postgres | old | key   | I   | postgres 18.1 | 2026-11-21T00:00:00Z | I   | postgres 18.1"
            + " | REVOKED | checks",
      })
  void aPassIsHeldAgainstWhatHoldsNow(
      String type,
      String digest,
      String key,
      String image,
      String server,
      String until,
      String newestImage,
      String newestServer,
      Status expected,
      String because) {
    Proof proof = proof("PASS", terms(digest, key, image, server, until));
    Terms newest = terms("now", "key", newestImage, newestServer, "");
    ProofStanding standing =
        ProofStanding.of(snapshot(type, Optional.of(proof)), basis(newest), NOW);
    assertThat(standing.status()).isEqualTo(expected);
    assertThat(standing.level()).contains(ProofLevel.L6);
    assertThat(standing.provenAt()).contains(DRILLED);
    if (because.isEmpty()) {
      assertThat(standing.because()).isEmpty();
    } else {
      assertThat(standing.because()).singleElement().asString().contains(because);
    }
  }

  @Test
  void whatNoPlanOfTheConfigurationAskedForIsHeldAgainstNoPlan() {
    Proof proof = proof("PASS", terms("old", "key", OURS, "postgres 18.1", ""));
    var noPlan = new ProofBasis(Optional.empty(), Optional.empty(), Set.of("key"), List.of());
    assertThat(judged(proof, noPlan).status()).isEqualTo(Status.VALID);
  }

  @Test
  void aDrillOfBeforeTermsWereKeptAgesByThePlan() {
    assertThat(judged(new Proof("dr1", "PASS", "L6", DRILLED), basis()).words())
        .isEqualTo("proven to L6 on 2026-11-20, expired: it counted until 2026-11-25");
    var patient =
        new ProofBasis(Optional.of("now"), Optional.of(Duration.ofDays(11)), Set.of(), List.of());
    assertThat(judged(new Proof("dr1", "PASS", "L6", DRILLED), patient).words())
        .isEqualTo("proven to L6 on 2026-11-20, counts until 2026-12-01");
  }

  @Test
  void aDrillThatCouldNotTellChangesNothingOfWhatOneBeforeItFound() {
    Proof pass = proof("PASS", terms("now", "key", OURS, "postgres 18.1", ""));
    Proof error = after("ERROR", pass);
    assertThat(judged(error, basis()).stands()).isTrue();
    assertThat(judged(error, basis()).words())
        .isEqualTo("proven to L6 on 2026-11-20: the drill of 2026-11-25 could not tell (ERROR)");
    Proof fail = proof("FAIL", terms("now", "key", OURS, "postgres 18.1", ""));
    assertThat(judged(after("SKIPPED", fail), basis()).words())
        .isEqualTo(
            "not proven: the drill of 2026-11-20 found it bad (FAIL); the drill of 2026-11-25"
                + " could not tell (SKIPPED)");
  }

  private static Proof after(String verdict, Proof earlier) {
    return new Proof(
        "dr2",
        verdict,
        "",
        DRILLED.plus(Duration.ofDays(5)),
        Optional.empty(),
        Optional.of(earlier));
  }

  @ParameterizedTest
  @CsvSource({"FAIL, found it bad", "ERROR, could not tell", "SKIPPED, could not tell"})
  void whatIsNoPassProvesNothing(String verdict, String because) {
    ProofStanding standing =
        judged(proof(verdict, terms("now", "key", OURS, "postgres 18.1", "")), basis());
    assertThat(standing.status()).isEqualTo(Status.NONE);
    assertThat(standing.level()).isEmpty();
    assertThat(standing.words()).startsWith("not proven: ").contains(because, verdict);
  }

  @Test
  void withoutADrillThereIsNoProof() {
    ProofStanding standing = ProofStanding.of(snapshot("files", Optional.empty()), basis(), NOW);
    assertThat(standing.status()).isEqualTo(Status.NONE);
    assertThat(standing.words()).isEqualTo("not proven: never drilled");
  }

  @Test
  void aProofThatStandsAgesWhileNothingElseChanges() {
    Proof proof = proof("PASS", terms("now", "key", OURS, "postgres 18.1", "2026-12-02T00:00:00Z"));
    ProofStanding standing = judged(after("ERROR", proof), basis());
    Instant end = Instant.parse("2026-12-02T00:00:00Z");
    assertThat(standing.at(end.minusMillis(1))).isEqualTo(standing);
    assertThat(standing.at(end).status()).isEqualTo(Status.EXPIRED);
    assertThat(standing.at(end).because())
        .containsExactly(
            "it counted until 2026-12-02", "the drill of 2026-11-25 could not tell (ERROR)");
    Proof changed = proof("PASS", terms("old", "key", OURS, "x", "2026-12-02T00:00:00Z"));
    assertThat(judged(changed, basis()).at(end).status()).isEqualTo(Status.REVOKED);
  }

  @Test
  void aProofStandsAtItsLevelAndThoseBelow() {
    Proof proof = proof("PASS", terms("now", "key", OURS, "postgres 18.1", ""));
    assertThat(judged(proof, basis()).standsAt(ProofLevel.L5)).isTrue();
    assertThat(judged(proof, basis()).standsAt(ProofLevel.L6)).isTrue();
    assertThat(judged(proof, basis()).standsAt(ProofLevel.L7)).isFalse();
    Proof old = proof("PASS", terms("old", "key", OURS, "postgres 18.1", ""));
    assertThat(judged(old, basis()).standsAt(ProofLevel.L1)).isFalse();
  }
}
