package io.lifeboat.repository;

import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.ObjectInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Removes pieces of WAL that nobody needs: those before the start of every snapshot of their
 * cluster, and those whose bytes a longer piece has as well. Positions grow along every branch of a
 * cluster's timelines, so what lies before the smallest start no snapshot replays. A cluster
 * without a snapshot keeps everything; histories and keys stay for ever. Needs no secret. Not
 * thread-safe.
 */
final class WalPruning {
  private final RepositoryContext context;
  private final Map<String, VerifyKey> writers;
  private final WalObjects objects;
  private final Map<String, Needed> needed = new HashMap<>();
  private final Map<String, Boolean> soundness = new HashMap<>();

  /** The first segment that a cluster's snapshots need. */
  private record Needed(long firstPosition, long segmentBytes) {}

  /** A piece, and the object that it is. */
  private record Stored(WalPiece piece, ObjectInfo object) {}

  /**
   * What is needed.
   *
   * @param kept all snapshots that stay
   */
  WalPruning(RepositoryContext context, CommitLog.View view, List<SnapshotInfo> kept) {
    this.context = context;
    this.writers = WalArchive.writers(context, view);
    this.objects = new WalObjects(context.format().repository());
    kept.stream()
        .flatMap(snapshot -> snapshot.wal().stream())
        .forEach(wal ->
            needed.merge(
                wal.cluster(),
                new Needed(wal.start(), wal.segmentBytes()),
                (one, other) ->
                    Long.compareUnsigned(one.firstPosition(), other.firstPosition()) <= 0
                        ? one
                        : other));
  }

  /**
   * Deletes, or only looks.
   *
   * @param storedBefore pieces that the store got later are left alone: a backup that still runs
   *     may begin before every snapshot there is, and a restore may be reading
   */
  Maintenance.DeletedWal run(Instant storedBefore, boolean dryRun, Progress progress) {
    long pieces = 0;
    long bytes = 0;
    var refused = new ArrayList<String>();
    for (ObjectInfo object : garbage(storedBefore)) {
      progress.checkCancelled();
      try {
        if (!dryRun) {
          context.store().delete(object.name());
        }
        pieces++;
        bytes += object.sizeBytes();
      } catch (LifeboatException e) {
        refused.add(object.name() + ": " + e.getMessage());
      }
    }
    return new Maintenance.DeletedWal(pieces, bytes, refused);
  }

  private List<ObjectInfo> garbage(Instant storedBefore) {
    List<ObjectInfo> garbage = new ArrayList<>();
    needed.forEach((cluster, from) -> {
      Optional<Stored> longest = Optional.empty();
      for (Stored stored : pieces(cluster)) {
        boolean old = stored.object().storedAt().isBefore(storedBefore);
        Optional<Stored> instead = longest.filter(it -> covers(it.piece(), stored.piece()));
        if (instead.isEmpty()) {
          longest = Optional.of(stored);
        }
        if (old
            && (isBefore(stored.piece(), from)
                || instead.filter(it -> isSound(it.object())).isPresent())) {
          garbage.add(stored.object());
        }
      }
    });
    return garbage;
  }

  /** In their order. */
  private List<Stored> pieces(String cluster) {
    String prefix = Names.WAL + cluster + "/";
    var stored = new ArrayList<Stored>();
    try (Stream<ObjectInfo> all = context.store().list(prefix)) {
      all.forEach(object ->
          WalPiece.parse(object.name().substring(prefix.length()))
              .ifPresent(piece -> stored.add(new Stored(piece, object))));
    }
    stored.sort(Comparator.comparing(Stored::piece));
    return stored;
  }

  private static boolean isBefore(WalPiece piece, Needed needed) {
    long firstSegment = Long.divideUnsigned(needed.firstPosition(), needed.segmentBytes());
    return Long.compareUnsigned(piece.segment(), firstSegment) < 0;
  }

  /** In the order of pieces the one that covers others comes before them. */
  private static boolean covers(WalPiece one, WalPiece other) {
    return one.timeline() == other.timeline()
        && one.segment() == other.segment()
        && one.from() <= other.from()
        && one.to() >= other.to();
  }

  /** What stands for others must be what its writer signed. */
  private boolean isSound(ObjectInfo object) {
    return soundness.computeIfAbsent(
        object.name(),
        name -> {
          try {
            objects.sealed(name, context.store().get(name, ObjectLimits.OTHER_BYTES), writers);
            return true;
          } catch (LifeboatException e) {
            if (e.code() == ErrorCode.OBJECT_DAMAGED || e.code() == ErrorCode.OBJECT_MISSING) {
              return false;
            }
            throw e;
          }
        });
  }
}
