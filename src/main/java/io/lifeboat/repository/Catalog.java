package io.lifeboat.repository;

import io.lifeboat.crypto.XWingRecipient;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The snapshots that a log tells of, and what is wrong with it. An entry that is damaged hides no
 * other.
 */
final class Catalog {
  private final RepositoryContext context;
  private final Domains domains;
  private final List<SnapshotSequence.Listed> snapshots;
  private final List<String> problems;
  private final Map<String, String> held;
  private final Set<String> readers;
  private final List<DrillSummary> drills = new ArrayList<>();
  private final List<LifeboatException> forOthers = new ArrayList<>();

  Catalog(RepositoryContext context, CommitLog.View view) {
    this.context = context;
    this.domains = new Domains(context, view);
    this.problems = new ArrayList<>(view.problems());
    Map<String, SnapshotInfo.Proof> proofs = new HashMap<>();
    view.all(LogRecord.Evidence.class).forEach(entry -> attempt(() -> drills.add(drill(entry))));
    drills.forEach(drill -> add(drill, proofs));
    this.readers = readers(context, view);
    PackFates fates = PackFates.of(view);
    this.held = fates.held();
    List<SnapshotSequence.Listed> asListed = new ArrayList<>();
    for (LogEntry entry : view.entries()) {
      if (entry.body() instanceof LogRecord.Snapshot snapshot && fates.isLive(snapshot)) {
        attempt(() -> {
          SnapshotInfo info = info(snapshot);
          Optional<SnapshotInfo.Proof> proof = Optional.ofNullable(proofs.get(info.id()));
          asListed.add(new SnapshotSequence.Listed(entry, info.withProof(proof)));
        });
      }
    }
    if (asListed.isEmpty() && !forOthers.isEmpty()) {
      // Nothing opens: it is the keys.
      throw forOthers.getFirst();
    }
    this.snapshots = new SnapshotSequence(context.keyring().admin().id()).oldestFirst(asListed);
  }

  /** Newest first, by {@link SnapshotSequence}. */
  List<SnapshotInfo> snapshots() {
    return snapshots.reversed().stream().map(SnapshotSequence.Listed::info).toList();
  }

  /** The same with their entries, oldest first. */
  List<SnapshotSequence.Listed> listed() {
    return snapshots;
  }

  /** Why snapshots are held, by their ids. */
  Map<String, String> held() {
    return held;
  }

  /** Fingerprints of those who can read what is stored from now on. */
  Set<String> readers() {
    return readers;
  }

  /** All drills whose entries are sound, in the log's order; also of snapshots that are gone. */
  List<DrillSummary> drills() {
    return List.copyOf(drills);
  }

  /** A sentence for each damaged entry. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /**
   * Makes sure that nothing is wrong.
   *
   * @param instead what may be taken by name, if something is
   * @throws PermanentException with code {@code LOG_BROKEN}
   */
  void requireSound(Optional<SnapshotInfo> instead) {
    if (!problems.isEmpty()) {
      throw new PermanentException(
          ErrorCode.LOG_BROKEN,
          "The commit log is damaged, so the newest snapshot may not be the newest: "
              + String.join("; ", problems),
          instead.map(Catalog::byName).orElse("")
              + "`lifeboat snapshots` lists all whose entries are sound. "
              + Hints.REPAIR_LOG);
    }
  }

  private static String byName(SnapshotInfo snapshot) {
    return "The newest whose entry is sound was started "
        + snapshot.startedAt()
        + ": take it by name, `--snapshot "
        + snapshot.id()
        + "`. ";
  }

  /** An entry that is for other keys than ours is told of, and hides no other. */
  private void attempt(Runnable work) {
    try {
      work.run();
    } catch (LifeboatException e) {
      if (!OpenedPacks.isDamage(e)) {
        throw e;
      }
      if (e.code() == ErrorCode.KEY_MISMATCH) {
        forOthers.add(e);
      }
      problems.add(String.valueOf(e.getMessage()));
    }
  }

  private SnapshotInfo info(LogRecord.Snapshot entry) {
    return Summaries.open(
        context.sealer(),
        domains.summaryKey(entry.domain()),
        entry.snapshot(),
        entry.summary(),
        SnapshotInfo.class);
  }

  private DrillSummary drill(LogRecord.Evidence entry) {
    return Summaries.open(
        context.sealer(),
        domains.summaryKey(entry.domain()),
        entry.drill(),
        entry.summary(),
        DrillSummary.class);
  }

  private static Set<String> readers(RepositoryContext context, CommitLog.View view) {
    return RecipientHistory.of(context.format(), view).current().recovery().stream()
        .map(XWingRecipient::fingerprint)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static void add(DrillSummary drill, Map<String, SnapshotInfo.Proof> proofs) {
    proofs.merge(
        drill.snapshot(), SnapshotInfo.Proof.of(drill), (older, newer) -> newer.after(older));
  }
}
