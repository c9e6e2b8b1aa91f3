package io.lifeboat.repository;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is condemned, not swept yet, and still needed by nobody.
 *
 * @param due whose grace is over: the next sweep decides about them
 * @param waiting whose grace is not
 * @param firstDue when the first of those may be swept, by the store's clock
 */
public record CondemnedPacks(PackTally due, PackTally waiting, Optional<Instant> firstDue) {
  static CondemnedPacks of(
      RepositoryContext context,
      PackFates fates,
      Liveness live,
      Duration grace,
      Instant storeTime) {
    List<PackRef> due = new ArrayList<>();
    List<PackRef> waiting = new ArrayList<>();
    Optional<Instant> firstDue = Optional.empty();
    for (Map.Entry<Long, LogRecord.Condemn> condemned : fates.waitingForSweep().entrySet()) {
      List<PackRef> packs =
          condemned.getValue().packs().stream()
              .map(PackFates::ref)
              .filter(pack -> !live.needs(pack.id()))
              .toList();
      Optional<Instant> ends = end(context, condemned.getKey(), grace);
      if (ends.filter(end -> !end.isAfter(storeTime)).isPresent()) {
        due.addAll(packs);
      } else if (!packs.isEmpty()) {
        waiting.addAll(packs);
        firstDue = Stream.concat(firstDue.stream(), ends.stream()).min(Instant::compareTo);
      }
    }
    return new CondemnedPacks(PackTally.of(due), PackTally.of(waiting), firstDue);
  }

  /** When the grace ends of what an entry condemned; nothing, if the entry has no time. */
  static Optional<Instant> end(RepositoryContext context, long entry, Duration grace) {
    return context.store().head(Names.log(entry)).map(object -> object.storedAt().plus(grace));
  }

  /** With packs that would be condemned now beside them. */
  public CondemnedPacks plus(PackTally condemned, Duration grace, Instant storeTime) {
    if (condemned.packs() == 0) {
      return this;
    }
    if (grace.isZero()) {
      return new CondemnedPacks(due.plus(condemned), waiting, firstDue);
    }
    Optional<Instant> first =
        Stream.concat(firstDue.stream(), Stream.of(storeTime.plus(grace))).min(Instant::compareTo);
    return new CondemnedPacks(due, waiting.plus(condemned), first);
  }
}
