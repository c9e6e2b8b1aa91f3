package io.lifeboat.app;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.drill.EvidenceDocument;
import io.lifeboat.drill.ProofLevel;
import io.lifeboat.drill.Verdict;
import io.lifeboat.repository.SnapshotInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What drills showed in a period, for an auditor: made from signed records, and from the list of
 * snapshots. Its components are what scripts read in JSON.
 *
 * @param from the period's first moment
 * @param to the first moment after it
 * @param at when the report was made: what came later it does not know
 * @param drills how many drills ended in the period, by verdict
 * @param snapshots each that a drill in the period was about, and how far it was proven by then
 * @param failures drills of the period that ended with FAIL or ERROR
 * @param records the records of the period that all this was made from
 */
record EvidenceReport(
    Instant from,
    Instant to,
    Instant at,
    Map<Verdict, Long> drills,
    List<Plan> plans,
    List<Proof> snapshots,
    List<Failure> failures,
    List<Source> records) {

  /**
   * One plan's.
   *
   * @param taken snapshots that were taken in the period and are still listed
   * @param drilled how many of these a drill was about, until the period's end
   * @param proven how many of these a drill passed
   * @param longestUnproven the longest time between two proofs
   */
  record Plan(
      String plan,
      Map<Verdict, Long> drills,
      long taken,
      long drilled,
      long proven,
      Gap longestUnproven,
      Objective rto,
      Objective rpo) {}

  /**
   * A time between two drills that passed; the first may be of before the period, and where there
   * is none, the period's beginning and end stand in.
   *
   * @param agedOut whether the earlier proof had aged out by the plan's {@code provenWithin}
   */
  record Gap(Instant from, Instant to, long seconds, boolean agedOut) {}

  /**
   * How often an objective was met.
   *
   * @param unmeasured how often there was an objective and nothing was measured
   * @param worstMillis the longest that was measured, whether there was an objective or not
   */
  record Objective(long met, long missed, long unmeasured, Optional<Long> worstMillis) {}

  /** How far a snapshot was proven by its best drill of the period. */
  record Proof(
      String snapshot,
      String source,
      String plan,
      String takenAt,
      Verdict verdict,
      Optional<ProofLevel> level,
      String drill,
      Instant provenAt) {}

  /**
   * A drill that ended badly, and what followed.
   *
   * @param checks those that did not pass and were tried
   * @param passedBy the next drill of the same plan that passed, if there is one by now
   */
  record Failure(
      String drill,
      String plan,
      String snapshot,
      Instant endedAt,
      Verdict verdict,
      List<Check> checks,
      Optional<Followed> passedBy) {}

  /** A check that failed, or that could not be brought to its end. */
  record Check(String id, String level, String result, String meaning, String detail) {}

  /** A drill that passed later. */
  record Followed(String drill, String snapshot, Instant endedAt) {}

  /** A record: enough to find it in an export. */
  record Source(String repository, long number, String drill, String sha256) {}

  /** Some time; its end is not part of it. */
  record Period(Instant from, Instant to) {
    boolean contains(Instant time) {
      return !time.isBefore(from) && time.isBefore(to);
    }
  }

  /**
   * Makes a report.
   *
   * @param all records of trusted signers, of any time
   * @param listed the snapshots that there are
   * @param plans those to tell of even if nothing was drilled
   */
  static EvidenceReport of(
      Period period,
      Collection<EvidenceDocument> all,
      Collection<SnapshotInfo> listed,
      Set<String> plans,
      Instant now) {
    List<EvidenceDocument> sorted =
        all.stream().sorted(Comparator.comparing(EvidenceDocument::finishedAt)).toList();
    List<EvidenceDocument> within =
        sorted.stream().filter(record -> period.contains(record.finishedAt())).toList();
    List<SnapshotInfo> taken =
        listed.stream().filter(info -> period.contains(info.startedAt())).toList();
    Set<String> names =
        Stream.of(
                plans.stream(),
                within.stream().map(EvidenceReport::plan),
                taken.stream().map(SnapshotInfo::plan))
            .flatMap(some -> some)
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toCollection(TreeSet::new));
    return new EvidenceReport(
        period.from(),
        period.to(),
        now,
        verdicts(within),
        names.stream().map(name -> plan(name, period, sorted, taken, now)).toList(),
        proofs(within),
        within.stream()
            .filter(record -> record.verdict() == Verdict.FAIL || record.verdict() == Verdict.ERROR)
            .map(record -> failure(record, sorted))
            .toList(),
        within.stream()
            .map(record ->
                new Source(record.repository(), record.number(), record.drill(), record.sha256()))
            .toList());
  }

  private static String plan(EvidenceDocument record) {
    return record.content().path("plan").path("name").asText();
  }

  private static String snapshot(EvidenceDocument record) {
    return record.content().path("backup").path("snapshot").asText();
  }

  private static boolean passed(EvidenceDocument record) {
    return record.verdict() == Verdict.PASS;
  }

  private static Map<Verdict, Long> verdicts(List<EvidenceDocument> records) {
    Map<Verdict, Long> counts = new EnumMap<>(Verdict.class);
    for (Verdict verdict : Verdict.values()) {
      counts.put(verdict, records.stream().filter(record -> record.verdict() == verdict).count());
    }
    return counts;
  }

  private static Plan plan(
      String name,
      Period period,
      List<EvidenceDocument> sorted,
      List<SnapshotInfo> taken,
      Instant now) {
    List<EvidenceDocument> untilEnd =
        sorted.stream()
            .filter(record -> plan(record).equals(name))
            .filter(record -> record.finishedAt().isBefore(period.to()))
            .toList();
    List<EvidenceDocument> within =
        untilEnd.stream().filter(record -> period.contains(record.finishedAt())).toList();
    List<String> own =
        taken.stream().filter(info -> info.plan().equals(name)).map(SnapshotInfo::id).toList();
    return new Plan(
        name,
        verdicts(within),
        own.size(),
        own.stream().filter(isOneOf(sorted, period, record -> true)).count(),
        own.stream().filter(isOneOf(sorted, period, EvidenceReport::passed)).count(),
        longestGap(period, untilEnd.stream().filter(EvidenceReport::passed).toList(), now),
        objective(within, "rto"),
        objective(within, "rpo"));
  }

  /** Whether a snapshot was drilled until the period's end, by whatever plan. */
  private static Predicate<String> isOneOf(
      List<EvidenceDocument> records, Period period, Predicate<EvidenceDocument> wanted) {
    Set<String> drilled =
        records.stream()
            .filter(record -> record.finishedAt().isBefore(period.to()))
            .filter(wanted)
            .map(EvidenceReport::snapshot)
            .collect(Collectors.toSet());
    return drilled::contains;
  }

  private static Gap longestGap(Period period, List<EvidenceDocument> proofs, Instant now) {
    Instant end = now.isBefore(period.to()) ? now : period.to();
    Optional<EvidenceDocument> before =
        proofs.stream()
            .filter(proof -> proof.finishedAt().isBefore(period.from()))
            .reduce((first, second) -> second);
    Instant from = before.map(EvidenceDocument::finishedAt).orElse(period.from());
    Optional<Instant> until = before.flatMap(EvidenceReport::validUntil);
    Gap longest = new Gap(from, from, 0, false);
    List<EvidenceDocument> within =
        proofs.stream().filter(proof -> period.contains(proof.finishedAt())).toList();
    for (EvidenceDocument proof : within) {
      longest = longer(longest, from, proof.finishedAt(), until);
      from = proof.finishedAt();
      until = validUntil(proof);
    }
    return longer(longest, from, end.isBefore(from) ? from : end, until);
  }

  private static Gap longer(Gap longest, Instant from, Instant to, Optional<Instant> validUntil) {
    long seconds = Duration.between(from, to).toSeconds();
    boolean agedOut = validUntil.map(until -> until.isBefore(to)).orElse(false);
    return seconds > longest.seconds() ? new Gap(from, to, seconds, agedOut) : longest;
  }

  private static Optional<Instant> validUntil(EvidenceDocument proof) {
    return Optional.of(proof.content().path("validUntil").asText())
        .filter(text -> !text.isEmpty())
        .map(Instant::parse);
  }

  private static Objective objective(List<EvidenceDocument> records, String name) {
    long met = 0;
    long missed = 0;
    long unmeasured = 0;
    for (EvidenceDocument record : records) {
      for (JsonNode objective : record.content().path("objectives")) {
        if (objective.path("name").asText().equals(name)) {
          boolean isMet = objective.path("met").asBoolean();
          boolean isMeasured = objective.has("measuredMillis");
          met += isMet ? 1 : 0;
          missed += !isMet && isMeasured ? 1 : 0;
          unmeasured += !isMet && !isMeasured ? 1 : 0;
        }
      }
    }
    Optional<Long> worst =
        records.stream()
            .map(record -> record.content().path("measured").path(name + "Millis"))
            .filter(JsonNode::isNumber)
            .map(JsonNode::asLong)
            .max(Comparator.naturalOrder());
    return new Objective(met, missed, unmeasured, worst);
  }

  private static List<Proof> proofs(List<EvidenceDocument> within) {
    Comparator<EvidenceDocument> better =
        Comparator.comparing(EvidenceReport::passed)
            .thenComparing(record -> record.level().map(ProofLevel::name).orElse(""))
            .thenComparing(EvidenceDocument::finishedAt);
    Map<String, EvidenceDocument> best = new TreeMap<>();
    within.forEach(
        record -> best.merge(snapshot(record), record, (a, b) -> better.compare(a, b) > 0 ? a : b));
    return best.values().stream()
        .sorted(Comparator.comparing(EvidenceDocument::finishedAt))
        .map(record ->
            new Proof(
                snapshot(record),
                record.content().path("backup").path("source").asText(),
                plan(record),
                record.content().path("backup").path("finishedAt").asText(),
                record.verdict(),
                record.level(),
                record.drill(),
                record.finishedAt()))
        .toList();
  }

  private static Failure failure(EvidenceDocument record, List<EvidenceDocument> sorted) {
    List<Check> checks = new ArrayList<>();
    for (JsonNode check : record.content().path("checks")) {
      String result = check.path("result").asText();
      if (!result.equals(Verdict.PASS.name()) && !result.equals(Verdict.SKIPPED.name())) {
        checks.add(
            new Check(
                check.path("id").asText(),
                check.path("level").asText(),
                result,
                check.path("meaning").asText(),
                check.path("detail").asText()));
      }
    }
    Optional<Followed> passedBy =
        sorted.stream()
            .filter(EvidenceReport::passed)
            .filter(later -> plan(later).equals(plan(record)))
            .filter(later -> later.finishedAt().isAfter(record.finishedAt()))
            .findFirst()
            .map(later -> new Followed(later.drill(), snapshot(later), later.finishedAt()));
    return new Failure(
        record.drill(),
        plan(record),
        snapshot(record),
        record.finishedAt(),
        record.verdict(),
        checks,
        passedBy);
  }
}
