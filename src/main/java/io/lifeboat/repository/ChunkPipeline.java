package io.lifeboat.repository;

import io.lifeboat.crypto.ChunkIds;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * Turns chunks into sealed chunks in packs: identify, look up, compress, seal, read back, add. As
 * many workers as cores; at most {@link #IN_FLIGHT_BYTES} of arrays of plain bytes wait or are
 * worked on, so memory does not grow with the backup. Thread-safe.
 */
final class ChunkPipeline implements AutoCloseable {
  /** Bounds memory; beside it each worker has the same chunk packed, sealed and read back. */
  static final int IN_FLIGHT_BYTES =
      Math.clamp(4L * Runtime.getRuntime().availableProcessors(), 16, 64) << 20;

  private static final int SPARE_ARRAYS = 24;

  private final ChunkIds ids;
  private final ChunkIndex index;
  private final ChunkSealer sealer;
  private final PackStream packs;
  private final PackTable table;
  private final SpareArrays spare = new SpareArrays(SPARE_ARRAYS);
  private final ExecutorService workers =
      Executors.newFixedThreadPool(
          Runtime.getRuntime().availableProcessors(),
          Thread.ofPlatform().name("chunk-", 0).daemon().factory());
  private final Semaphore room = new Semaphore(IN_FLIGHT_BYTES);
  private final LongAdder knownBytes = new LongAdder();
  private final LongAdder reusedBytes = new LongAdder();
  private final AtomicReference<Optional<LifeboatException>> failure =
      new AtomicReference<>(Optional.empty());

  ChunkPipeline(
      ChunkIds ids, ChunkIndex index, ChunkSealer sealer, PackStream packs, PackTable table) {
    this.ids = ids;
    this.index = index;
    this.sealer = sealer;
    this.packs = packs;
    this.table = table;
  }

  /** Where arrays for {@link #submit} come from. */
  SpareArrays spare() {
    return spare;
  }

  /** Takes a chunk that fills an array; see {@link #submit(ChunkType, byte[], int)}. */
  CompletableFuture<ChunkId> submit(ChunkType type, byte[] plain) {
    return submit(type, plain, plain.length);
  }

  /**
   * Takes a chunk; waits while too much is in flight.
   *
   * @param plain an array whose first {@code length} bytes are the chunk, and which now belongs to
   *     the pipeline
   * @return the chunk's id, once it is in a pack or known to be stored
   */
  CompletableFuture<ChunkId> submit(ChunkType type, byte[] plain, int length) {
    check();
    acquire(plain.length);
    return CompletableFuture.supplyAsync(() -> process(type, plain, length), workers)
        .whenComplete((id, problem) -> {
          spare.give(plain);
          room.release(plain.length);
          if (problem != null) {
            Throwable cause = problem.getCause() == null ? problem : problem.getCause();
            failure.compareAndSet(Optional.empty(), Optional.of(PackStream.asFailure(cause)));
          }
        });
  }

  private void acquire(int bytes) {
    try {
      room.acquire(bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED, "The backup was interrupted", "Start it again.", e);
    }
  }

  private ChunkId process(ChunkType type, byte[] plain, int length) {
    var id = new ChunkId(ids.id(plain, 0, length));
    if (!type.deduplicated()) {
      store(type, id, plain, length);
      return id;
    }
    switch (index.claim(id)) {
      case ChunkIndex.Claim.Stored stored -> {
        table.need(stored.location());
        if (type == ChunkType.DATA) {
          count(stored.origin(), length);
        }
      }
      case ChunkIndex.Claim.Pending pending -> {
        // Whoever stores it notes that it is needed.
      }
      case ChunkIndex.Claim.Granted granted -> {
        ChunkIndex.Location location = store(type, id, plain, length);
        index.settle(id, location);
        table.need(location);
      }
    }
    return id;
  }

  private void count(ChunkIndex.Origin origin, int length) {
    switch (origin) {
      case THIS_RUN -> {
        // The same bytes twice in one backup are no earlier run's merit.
      }
      case EARLIER_RUN -> knownBytes.add(length);
      case INTERRUPTED_RUN -> {
        knownBytes.add(length);
        reusedBytes.add(length);
      }
    }
  }

  /** Which bytes of contents did not have to be stored. */
  SnapshotWriter.Found found() {
    return new SnapshotWriter.Found(knownBytes.sum(), reusedBytes.sum());
  }

  private ChunkIndex.Location store(ChunkType type, ChunkId id, byte[] plain, int length) {
    OpenPack pack = packs.choose(type.pack());
    byte[] key = pack.keys().forType(type).orElseThrow();
    ChunkSealer.Sealed sealed = sealer.seal(key, type, id, plain, length);
    return packs.add(pack, id, type, sealed, length);
  }

  /** Whether a chunk is stored. */
  boolean knows(ChunkId chunk) {
    return index.find(chunk).isPresent();
  }

  /** Notes that a stored chunk is needed. */
  void need(ChunkId chunk) {
    index.find(chunk).ifPresent(table::need);
  }

  /** Throws what went wrong in the background, if anything did. */
  void check() {
    failure.get().ifPresent(ChunkPipeline::rethrow);
    packs.checkUploads();
  }

  private static void rethrow(LifeboatException problem) {
    throw problem;
  }

  /** Waits until nothing is in flight. */
  void drain() {
    acquire(IN_FLIGHT_BYTES);
    room.release(IN_FLIGHT_BYTES);
    check();
  }

  @Override
  public void close() {
    workers.shutdownNow();
    workers.close();
  }
}
