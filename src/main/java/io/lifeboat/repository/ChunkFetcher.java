package io.lifeboat.repository;

import io.lifeboat.crypto.ChunkIds;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.ObjectStore;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Fetches chunks of one snapshot, in the runs that {@link ChunkPlaces} makes of its packs.
 * Thread-safe; runs are read in parallel, chunks opened by as many workers as cores, and what was
 * fetched last is kept for the next file that needs it.
 */
final class ChunkFetcher implements AutoCloseable {
  private static final long KEPT_RUN_BYTES = 48 << 20;
  private static final long KEPT_CHUNK_BYTES = 32 << 20;
  private static final int PARALLEL_READS = 8;

  private final ObjectStore store;
  private final ChunkSealer sealer;
  private final ChunkIds ids;
  private final Moves moves;
  private volatile ChunkPlaces places;
  private final RecentFutures<ChunkPlaces.Run> runs = new RecentFutures<>(KEPT_RUN_BYTES);
  private final RecentFutures<ChunkId> chunks = new RecentFutures<>(KEPT_CHUNK_BYTES);
  private final ExecutorService readers = StoreThreads.atMost(PARALLEL_READS, "read");
  private final ExecutorService workers =
      Executors.newFixedThreadPool(
          Runtime.getRuntime().availableProcessors(),
          Thread.ofPlatform().name("open-", 0).daemon().factory());

  ChunkFetcher(
      ObjectStore store, ChunkSealer sealer, ChunkIds ids, ChunkPlaces places, Moves moves) {
    this.store = store;
    this.sealer = sealer;
    this.ids = ids;
    this.places = places;
    this.moves = moves;
  }

  /** Says where chunks are after a pack was found missing. */
  interface Moves {
    /**
     * The places of all chunks, none of them in that pack.
     *
     * @throws PermanentException the problem, if the snapshot needs the pack all the same
     */
    ChunkPlaces without(PackRef missing, PermanentException problem);
  }

  /** How many plain bytes a chunk has; empty if no pack that the snapshot needs has it. */
  OptionalInt plainBytes(ChunkId chunk) {
    return places.of(chunk).stream().mapToInt(place -> place.entry().plainBytes()).findAny();
  }

  /** A chunk's plain bytes, which nobody may change. */
  CompletableFuture<byte[]> fetch(ChunkId chunk) {
    ChunkPlaces here = places;
    Optional<ChunkPlaces.Place> place = here.of(chunk);
    if (place.isEmpty()) {
      return CompletableFuture.failedFuture(nowhere(chunk, here));
    }
    return chunks.get(chunk, place.get().entry().plainBytes(), id -> fetch(place.get()));
  }

  private static PermanentException nowhere(ChunkId chunk, ChunkPlaces places) {
    return new PermanentException(
        ErrorCode.OBJECT_MISSING,
        "Chunk "
            + chunk
            + " is in none of the packs that the snapshot's reference list names; one of them"
            + " is not what it is called: "
            + places.packs(),
        Hints.VERIFY);
  }

  private CompletableFuture<byte[]> fetch(ChunkPlaces.Place place) {
    ChunkPlaces.Run run = place.run();
    return runs.get(run, run.lengthBytes(), this::read)
        .thenApplyAsync(bytes -> open(place, bytes), workers)
        .exceptionallyComposeAsync(problem -> fetchElsewhere(place, problem), readers);
  }

  /** A prune may have copied the chunk and removed its pack since the log was read. */
  private CompletableFuture<byte[]> fetchElsewhere(ChunkPlaces.Place place, Throwable problem) {
    Throwable cause = problem instanceof CompletionException e ? e.getCause() : problem;
    if (!(cause instanceof PermanentException missing)
        || missing.code() != ErrorCode.OBJECT_MISSING) {
      return CompletableFuture.failedFuture(problem);
    }
    ChunkPlaces elsewhere = moves.without(place.pack(), missing);
    places = elsewhere;
    ChunkId chunk = place.entry().chunk();
    return elsewhere
        .of(chunk)
        .map(this::fetch)
        .orElseGet(() -> CompletableFuture.failedFuture(nowhere(chunk, elsewhere)));
  }

  private CompletableFuture<byte[]> read(ChunkPlaces.Run run) {
    return CompletableFuture.supplyAsync(
        () -> store.getRange(run.pack().ref().objectName(), run.startBytes(), run.lengthBytes()),
        readers);
  }

  private byte[] open(ChunkPlaces.Place place, byte[] run) {
    PackEntry entry = place.entry();
    byte[] plain =
        PackIndexReader.chunk(place.run().pack(), entry, run, place.run().startBytes(), sealer);
    if (!Arrays.equals(ids.id(plain, 0, plain.length), entry.chunk().bytes())) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED,
          place.run().pack().ref().objectName() + ": a chunk is not what its id says",
          Hints.VERIFY);
    }
    return plain;
  }

  @Override
  public void close() {
    readers.shutdownNow();
    workers.shutdownNow();
    readers.close();
    workers.close();
  }
}
