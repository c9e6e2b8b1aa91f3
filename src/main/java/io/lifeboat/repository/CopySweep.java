package io.lifeboat.repository;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Removes from a copy what the original's prune has swept, by the copy's own log: a pack that a
 * {@code sweep} entry there names is needed by no snapshot of that log, nor ever will be. How long
 * the entry has to have been in the copy is for whoever notices that the original was emptied on
 * purpose. Needs no key but the admin key's public half, which the copy had from its beginning.
 */
final class CopySweep {
  private final ObjectStore copy;
  private final CommitLog log;
  private final SecureRandom random;

  CopySweep(ObjectStore copy, CommitLog log, SecureRandom random) {
    this.copy = copy;
    this.log = log;
    this.random = random;
  }

  /**
   * Removes what was swept long enough ago.
   *
   * @param after how long ago, by the copy's own time
   * @param problem hears why nothing was removed
   */
  CopyReport.Swept run(Duration after, Consumer<String> problem, Progress progress) {
    CommitLog.View view = log.read();
    Map<PackId, PackRef> there = packs();
    List<PackRef> swept = there(PackFates.of(view), there);
    Optional<String> obstacle = obstacle(view, there);
    if (swept.isEmpty() || obstacle.isPresent()) {
      obstacle.ifPresent(why -> problem.accept(why + "; nothing was removed from the copy"));
      return new CopyReport.Swept(swept.size(), bytes(swept), 0, 0, List.of());
    }
    Instant before = StoreClock.now(copy, random).minus(after);
    return remove(swept, there(PackFates.of(oldest(view, before)), there), progress);
  }

  private CopyReport.Swept remove(List<PackRef> swept, List<PackRef> due, Progress progress) {
    List<PackRef> left = new ArrayList<>(swept);
    List<String> refused = new ArrayList<>();
    for (PackRef pack : due) {
      progress.checkCancelled();
      try {
        copy.delete(pack.objectName());
        left.remove(pack);
      } catch (LifeboatException e) {
        refused.add(pack.objectName() + ": " + e.getMessage());
      }
    }
    return new CopyReport.Swept(
        left.size(), bytes(left), swept.size() - left.size(), bytes(swept) - bytes(left), refused);
  }

  /** The entries that have been in the copy for long enough: a beginning of the log. */
  private List<LogEntry> oldest(CommitLog.View view, Instant before) {
    Map<String, Instant> storedAt = new HashMap<>();
    try (Stream<ObjectInfo> entries = copy.list(Names.LOG)) {
      entries.forEach(entry -> storedAt.put(entry.name(), entry.storedAt()));
    }
    return view.entries().stream()
        .takeWhile(entry -> {
          Instant stored = storedAt.get(Names.log(entry.n()));
          return stored != null && !stored.isAfter(before);
        })
        .toList();
  }

  /** Why what is swept may be all that is left of something. */
  private static Optional<String> obstacle(CommitLog.View view, Map<PackId, PackRef> there) {
    if (!view.problems().isEmpty()) {
      return Optional.of(view.problems().getFirst());
    }
    PackFates fates = PackFates.of(view);
    return view.all(LogRecord.Relocate.class)
        .map(entry -> PackFates.ref(entry.to()))
        .filter(pack -> !fates.isSwept(pack.id()) && !there.containsKey(pack.id()))
        .findFirst()
        .map(pack -> pack.objectName() + ": what lives of swept packs is in it, and it is missing");
  }

  private Map<PackId, PackRef> packs() {
    Map<PackId, PackRef> packs = new HashMap<>();
    try (Stream<ObjectInfo> objects = copy.list(Names.PACKS)) {
      objects.forEach(object -> PackRef.of(object).ifPresent(pack -> packs.put(pack.id(), pack)));
    }
    return packs;
  }

  private static List<PackRef> there(PackFates fates, Map<PackId, PackRef> packs) {
    return fates.swept().stream()
        .flatMap(pack -> Optional.ofNullable(packs.get(pack.id())).stream())
        .toList();
  }

  private static long bytes(List<PackRef> packs) {
    return packs.stream().mapToLong(PackRef::sizeBytes).sum();
  }
}
