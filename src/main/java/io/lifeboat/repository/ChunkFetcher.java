package io.lifeboat.repository;

import io.lifeboat.crypto.ChunkIds;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.ObjectStore;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Fetches chunks of one snapshot, in the runs that {@link ChunkPlaces} makes of its packs.
 * Thread-safe; runs are read in parallel, chunks opened by as many workers as cores, and what was
 * fetched last is kept for the next file that needs it.
 */
final class ChunkFetcher implements AutoCloseable {
  private static final long KEPT_RUN_BYTES = 24 << 20;
  private static final long KEPT_CHUNK_BYTES = 8 << 20;
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

  /**
   * A chunk on its way.
   *
   * @param broughtBytes how many bytes were asked for because of it: none if it, and the run that
   *     it lies in, were at hand
   */
  record Fetched(CompletableFuture<byte[]> bytes, int broughtBytes) {}

  /** How many plain bytes a chunk has; empty if no pack that the snapshot needs has it. */
  OptionalInt plainBytes(ChunkId chunk) {
    return places.find(chunk).stream().mapToInt(place -> place.entry().plainBytes()).findAny();
  }

  /** A chunk's plain bytes, which nobody may change. */
  CompletableFuture<byte[]> fetch(ChunkId chunk) {
    return bring(chunk, false).bytes();
  }

  /**
   * A chunk's plain bytes, which nobody may change, and what it takes to have them.
   *
   * @param alone whether its neighbours are left out, because nobody is likely to need them
   */
  Fetched bring(ChunkId chunk, boolean alone) {
    ChunkPlaces here = places;
    return here.find(chunk)
        .map(place -> bring(alone ? place.alone() : place))
        .orElseGet(() -> new Fetched(CompletableFuture.failedFuture(nowhere(chunk, here)), 0));
  }

  private Fetched bring(ChunkPlaces.Place place) {
    var brought = new AtomicInteger();
    PackEntry entry = place.entry();
    CompletableFuture<byte[]> bytes =
        chunks.get(
            entry.chunk(),
            entry.plainBytes(),
            id -> {
              brought.addAndGet(entry.plainBytes());
              return fetch(place, brought);
            });
    return new Fetched(bytes, brought.get());
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

  private CompletableFuture<byte[]> fetch(ChunkPlaces.Place place, AtomicInteger brought) {
    return runs.get(
            place.run(),
            place.run().lengthBytes(),
            run -> {
              brought.addAndGet(run.lengthBytes());
              return read(run);
            })
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
        .find(chunk)
        .map(found -> fetch(found, new AtomicInteger()))
        .orElseGet(() -> CompletableFuture.failedFuture(nowhere(chunk, elsewhere)));
  }

  private CompletableFuture<byte[]> read(ChunkPlaces.Run run) {
    return CompletableFuture.supplyAsync(
        () -> store.getRange(run.pack().ref().objectName(), run.startBytes(), run.lengthBytes()),
        readers);
  }

  /** Whether bytes are a chunk's plain ones. */
  boolean isChunk(byte[] plain, ChunkId chunk) {
    return Arrays.equals(ids.id(plain, 0, plain.length), chunk.bytes());
  }

  private byte[] open(ChunkPlaces.Place place, byte[] run) {
    PackEntry entry = place.entry();
    byte[] plain =
        PackIndexReader.chunk(place.run().pack(), entry, run, place.run().startBytes(), sealer);
    if (!isChunk(plain, entry.chunk())) {
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
