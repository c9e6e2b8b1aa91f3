package io.lifeboat.repository;

import io.lifeboat.crypto.ChunkIds;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.ObjectStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Fetches chunks of one snapshot. What is needed of a pack is read in runs: neighbouring chunks in
 * one range request, with gaps of up to {@link #GAP_BYTES} read along. Thread-safe; runs are read
 * in parallel, chunks opened by as many workers as cores, and what was fetched last is kept for the
 * next file that needs it.
 */
final class ChunkFetcher implements AutoCloseable {
  private static final long GAP_BYTES = 256 << 10;
  private static final long RUN_BYTES = 8 << 20;
  private static final long KEPT_RUN_BYTES = 32 << 20;
  private static final long KEPT_CHUNK_BYTES = 32 << 20;
  private static final int PARALLEL_READS = 8;
  private static final int NAMED_PACKS = 8;

  private final ObjectStore store;
  private final ChunkSealer sealer;
  private final ChunkIds ids;
  private final ChunkPlaces places = new ChunkPlaces();
  private final RecentFutures<ChunkPlaces.Run> runs = new RecentFutures<>(KEPT_RUN_BYTES);
  private final RecentFutures<ChunkId> chunks = new RecentFutures<>(KEPT_CHUNK_BYTES);
  private final ExecutorService readers = StoreThreads.atMost(PARALLEL_READS, "read");
  private final ExecutorService workers =
      Executors.newFixedThreadPool(
          Runtime.getRuntime().availableProcessors(),
          Thread.ofPlatform().name("open-", 0).daemon().factory());

  ChunkFetcher(ObjectStore store, ChunkSealer sealer, ChunkIds ids) {
    this.store = store;
    this.sealer = sealer;
    this.ids = ids;
  }

  /**
   * A chunk on its way.
   *
   * @param broughtBytes how many bytes were asked for because of it: none if it, and the run that
   *     it lies in, were at hand
   */
  record Fetched(CompletableFuture<byte[]> bytes, int broughtBytes) {}

  /** Makes chunks of a pack known: those that the snapshot needs, or all of them. */
  void add(PackIndexReader.OpenedPack pack, BitSet ordinals) {
    PackIndexReader.OpenedPack bare = pack.withoutLists();
    List<PackEntry> group = new ArrayList<>();
    for (int i = ordinals.nextSetBit(0); i >= 0; i = ordinals.nextSetBit(i + 1)) {
      if (i >= pack.entries().size()) {
        throw new PermanentException(
            ErrorCode.OBJECT_DAMAGED,
            pack.ref().objectName() + ": a snapshot needs chunk " + i + ", which it does not have",
            Hints.VERIFY);
      }
      PackEntry entry = pack.entries().get(i);
      if (!group.isEmpty() && !joins(group, entry)) {
        addRun(bare, group);
        group.clear();
      }
      group.add(entry);
    }
    if (!group.isEmpty()) {
      addRun(bare, group);
    }
  }

  private static boolean joins(List<PackEntry> group, PackEntry next) {
    long end = group.getLast().offsetBytes() + group.getLast().sealedBytes();
    long length = next.offsetBytes() + next.sealedBytes() - group.getFirst().offsetBytes();
    return next.offsetBytes() - end <= GAP_BYTES && length <= RUN_BYTES;
  }

  private void addRun(PackIndexReader.OpenedPack pack, List<PackEntry> group) {
    long start = group.getFirst().offsetBytes();
    long end = group.getLast().offsetBytes() + group.getLast().sealedBytes();
    places.add(new ChunkPlaces.Run(pack, start, Math.toIntExact(end - start)), group);
  }

  /** How many plain bytes a chunk has; empty if no pack that was added has it. */
  OptionalInt plainBytes(ChunkId chunk) {
    return places.find(chunk).stream().mapToInt(place -> place.entry().plainBytes()).findFirst();
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
    return places
        .find(chunk)
        .map(place -> bring(alone ? place.alone() : place))
        .orElseGet(() -> new Fetched(CompletableFuture.failedFuture(missing(chunk)), 0));
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

  private PermanentException missing(ChunkId chunk) {
    return new PermanentException(
        ErrorCode.OBJECT_MISSING,
        "Chunk "
            + chunk
            + " is in none of the packs that the snapshot's reference list names; one of them"
            + " is not what it is called: "
            + candidates(),
        Hints.VERIFY);
  }

  private String candidates() {
    List<String> names =
        places.runs().stream()
            .map(run -> run.pack().ref().objectName())
            .distinct()
            .sorted()
            .toList();
    return String.join(", ", names.subList(0, Math.min(NAMED_PACKS, names.size())))
        + (names.size() > NAMED_PACKS ? " or another one" : "");
  }

  private CompletableFuture<byte[]> fetch(ChunkPlaces.Place place, AtomicInteger brought) {
    return runs.get(
            place.run(),
            place.run().lengthBytes(),
            run -> {
              brought.addAndGet(run.lengthBytes());
              return read(run);
            })
        .thenApplyAsync(bytes -> open(place, bytes), workers);
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
