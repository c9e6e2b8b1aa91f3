package io.lifeboat.repository;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Chooses which packs a verification reads: first those that were read longest ago. A pack that was
 * never read counts from when it was stored, so that new ones do not go before old ones for ever.
 */
final class PackRotation {
  private final List<Aged> packs;
  private final long bytes;

  /** A pack and when it was last known to be right. */
  record Aged(PackRef pack, Instant since) {}

  PackRotation(Collection<Aged> packs) {
    this.packs =
        packs.stream()
            .sorted(
                Comparator.comparing(Aged::since)
                    .thenComparing(aged -> aged.pack().id().toString()))
            .toList();
    this.bytes = packs.stream().mapToLong(aged -> aged.pack().sizeBytes()).sum();
  }

  /**
   * The packs to read.
   *
   * @param last when packs were chosen the last time
   */
  Set<PackRef> choose(VerifyShare share, Instant now, Optional<Instant> last) {
    return switch (share) {
      case VerifyShare.Everything all -> oldest(1, Instant.MAX);
      case VerifyShare.Fraction fraction -> oldest(fraction.part(), Instant.MIN);
      case VerifyShare.Window window -> within(window.length(), now, last);
    };
  }

  /** Before the next run, which comes after as long as this one came, none may grow too old. */
  private Set<PackRef> within(Duration window, Instant now, Optional<Instant> last) {
    if (last.isEmpty()) {
      return oldest(1, Instant.MAX);
    }
    Duration pause = Duration.between(last.get(), now);
    double part = (double) pause.toMillis() / window.toMillis();
    return oldest(Math.clamp(part, 0, 1), now.minus(window).plus(pause));
  }

  private Set<PackRef> oldest(double part, Instant before) {
    long wanted = (long) Math.ceil(part * bytes);
    Set<PackRef> chosen = new HashSet<>();
    long sum = 0;
    for (Aged aged : packs) {
      if (sum < wanted || aged.since().isBefore(before)) {
        chosen.add(aged.pack());
        sum += aged.pack().sizeBytes();
      }
    }
    return chosen;
  }

  /** When the pack was read that was read longest ago, with these read now. */
  Optional<Instant> oldest(Set<PackRef> readNow) {
    var rest = new ArrayList<>(packs);
    rest.removeIf(aged -> readNow.contains(aged.pack()));
    return rest.stream().map(Aged::since).min(Comparator.naturalOrder());
  }
}
