package io.lifeboat.repository;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a log says of snapshots and packs that were needed once: which snapshots were forgotten,
 * which packs are condemned, which are swept.
 *
 * <pre>
 * pack:  stored --condemn--> condemned --sweep that names it------------> swept, for ever
 *                                      --sweep that does not name it----> stored
 * </pre>
 */
final class PackFates {
  private final Set<String> forgotten = new HashSet<>();
  private final Map<String, String> held = new HashMap<>();
  private final Map<Long, LogRecord.Condemn> condemned = new LinkedHashMap<>();
  private final Set<PackId> waiting = new HashSet<>();
  private final Map<PackId, LogRecord.CondemnedPack> swept = new LinkedHashMap<>();

  private PackFates() {}

  /** Folds a log. */
  static PackFates of(CommitLog.View view) {
    return of(view.entries());
  }

  /** Folds the first entries of a log. */
  static PackFates of(List<LogEntry> entries) {
    var fates = new PackFates();
    entries.forEach(fates::add);
    fates.condemned.values().stream()
        .flatMap(entry -> entry.packs().stream())
        .forEach(pack -> fates.waiting.add(id(pack)));
    return fates;
  }

  private void add(LogEntry entry) {
    switch (entry.body()) {
      case LogRecord.Hold hold -> held.put(hold.snapshot(), hold.because());
      case LogRecord.Release release -> held.remove(release.snapshot());
      case LogRecord.Forget forget -> forgotten.addAll(forget.snapshots());
      case LogRecord.Condemn condemn -> condemned.put(entry.n(), condemn);
      case LogRecord.Sweep sweep -> sweep(sweep);
      case LogRecord.Relocate relocate -> {
        // See Relocations.
      }
      case LogRecord.Genesis genesis -> {}
      case LogRecord.Writer writer -> {}
      case LogRecord.WriterRemoved removed -> {}
      case LogRecord.Recipients recipients -> {}
      case LogRecord.Repaired repaired -> {}
      case LogRecord.Voided voided -> {}
      case LogRecord.Domain domain -> {}
      case LogRecord.Snapshot snapshot -> {}
      case LogRecord.Evidence evidence -> {}
    }
  }

  private void sweep(LogRecord.Sweep sweep) {
    LogRecord.Condemn of = condemned.remove(sweep.condemned());
    if (of != null) {
      Set<String> named = Set.copyOf(sweep.packs());
      of.packs().stream()
          .filter(pack -> named.contains(pack.id()))
          .forEach(pack -> swept.put(id(pack), pack));
    }
  }

  static PackId id(LogRecord.CondemnedPack pack) {
    return PackId.parse(pack.id(), "the commit log");
  }

  static PackRef ref(LogRecord.CondemnedPack pack) {
    PackKind kind = pack.kind().equals("m") ? PackKind.METADATA : PackKind.DATA;
    return new PackRef(id(pack), kind, pack.sizeBytes());
  }

  static LogRecord.CondemnedPack named(PackRef pack) {
    return new LogRecord.CondemnedPack(
        String.valueOf(pack.kind().letter()), pack.id().toString(), pack.sizeBytes());
  }

  /** Whether a snapshot is part of the repository. */
  boolean isLive(LogRecord.Snapshot snapshot) {
    return !forgotten.contains(snapshot.snapshot());
  }

  /** Snapshots that retention must leave alone, and why. */
  Map<String, String> held() {
    return Map.copyOf(held);
  }

  /** Whether writers must not rely on a pack: it is condemned or swept. */
  boolean isAbsent(PackId pack) {
    return waiting.contains(pack) || swept.containsKey(pack);
  }

  /** Whether a pack may be deleted, and may never be referred to again. */
  boolean isSwept(PackId pack) {
    return swept.containsKey(pack);
  }

  /** The entries that condemned packs and were not followed by a sweep yet, by their numbers. */
  Map<Long, LogRecord.Condemn> waitingForSweep() {
    return new LinkedHashMap<>(condemned);
  }

  /** Everything that may be deleted. */
  List<PackRef> swept() {
    var all = new ArrayList<PackRef>();
    swept.values().forEach(pack -> all.add(ref(pack)));
    return all;
  }
}
