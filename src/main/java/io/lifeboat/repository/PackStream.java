package io.lifeboat.repository;

import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Spreads sealed chunks over open packs and stores each pack once it is full.
 *
 * <p>Data chunks go at random to one of two open packs, as soon as the backup is larger than a
 * fraction of one: the sizes of consecutive chunks, which would identify a known file, cannot be
 * told from the packs. Thread-safe; uploads run in parallel, a bounded number at a time, so that
 * the spool stays small.
 */
final class PackStream implements AutoCloseable {
  private static final int PARALLEL_UPLOADS = 4;

  private final Target target;
  private final Session session;
  private final PackTable table;
  private final MessageSealer sealer;
  private final SecureRandom random;
  private final List<OpenPack> open = new ArrayList<>();
  private final List<OpenPack> closing = new ArrayList<>();
  private final ExecutorService uploads = StoreThreads.atMost(PARALLEL_UPLOADS, "upload");
  private final Semaphore uploadSlots = new Semaphore(PARALLEL_UPLOADS);
  private final List<Future<?>> running = new ArrayList<>();
  private final List<PackRef> last = new ArrayList<>();
  private final AtomicLong storedBytes = new AtomicLong();

  /** Where packs are spooled and stored, how long they are, and who hears of them. */
  record Target(
      ObjectStore store,
      RepositoryId repository,
      Path spool,
      PackSizes sizes,
      DurablePacks durable) {}

  PackStream(
      Target target, Session session, PackTable table, MessageSealer sealer, SecureRandom random) {
    this.target = target;
    this.session = session;
    this.table = table;
    this.sealer = sealer;
    this.random = random;
  }

  /**
   * The pack that the next chunk of this kind goes to; the caller seals under its keys and then
   * calls {@link #add}.
   */
  synchronized OpenPack choose(PackKind kind) {
    List<OpenPack> choices = open.stream().filter(pack -> pack.kind() == kind).toList();
    boolean spread =
        kind == PackKind.DATA
            && choices.size() == 1
            && choices.getFirst().sizeBytes() >= target.sizes().spreadFromBytes();
    OpenPack chosen;
    if (choices.isEmpty() || spread) {
      chosen = new OpenPack(table.reserve(), kind, target.repository(), session, target.spool());
      open.add(chosen);
    } else {
      chosen = choices.get(random.nextInt(choices.size()));
    }
    chosen.expectOne();
    return chosen;
  }

  /** Adds a chunk to the pack that was chosen for it. */
  ChunkIndex.Location add(
      OpenPack pack, ChunkId chunk, ChunkType type, ChunkSealer.Sealed sealed, int plainBytes) {
    int ordinal = pack.add(chunk, type, sealed.codec(), sealed.message(), plainBytes);
    boolean complete = false;
    synchronized (this) {
      if (target.sizes().isFull(pack) && open.remove(pack)) {
        pack.close();
        closing.add(pack);
      }
      complete = pack.isComplete() && closing.remove(pack);
    }
    if (complete) {
      store(pack);
    }
    return new ChunkIndex.Location(pack.number(), ordinal);
  }

  /** Finishes the open packs of this kind; no chunk for them is being sealed any more. */
  void flush(PackKind kind) {
    List<OpenPack> last;
    synchronized (this) {
      last = open.stream().filter(pack -> pack.kind() == kind).toList();
      open.removeAll(last);
    }
    for (OpenPack pack : last) {
      pack.close();
      store(pack);
    }
  }

  private void store(OpenPack pack) {
    OpenPack.Finished finished = pack.finish(sealer, random);
    table.settle(finished.number(), finished.ref());
    uploadSlots.acquireUninterruptibly();
    synchronized (this) {
      running.removeIf(upload -> upload.state() == Future.State.SUCCESS);
      running.add(uploads.submit(() -> upload(finished)));
    }
  }

  private void upload(OpenPack.Finished finished) {
    try {
      long size = finished.ref().sizeBytes();
      target
          .store()
          .putIfAbsent(finished.ref().objectName(), new Body.SpooledFile(finished.file(), size));
      storedBytes.addAndGet(size);
      if (finished.deduplicated()) {
        target.durable().add(new IndexSegments.Pack(finished.ref(), finished.chunks()));
      } else {
        synchronized (last) {
          last.add(finished.ref());
        }
      }
    } finally {
      uploadSlots.release();
      delete(finished.file());
    }
  }

  /**
   * Waits until every pack that was finished is durable.
   *
   * @throws LifeboatException the first failed upload's, the others suppressed
   */
  void awaitStored() {
    List<Future<?>> all;
    synchronized (this) {
      all = List.copyOf(running);
      running.clear();
    }
    LifeboatException failure = null;
    for (Future<?> upload : all) {
      try {
        Waits.get(upload);
      } catch (LifeboatException next) {
        if (failure == null) {
          failure = next;
        } else {
          failure.addSuppressed(next);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Fails early when an upload has failed. */
  synchronized void checkUploads() {
    for (Future<?> upload : running) {
      if (upload.state() == Future.State.FAILED) {
        throw asFailure(upload.exceptionNow());
      }
    }
  }

  /** The packs with root and reference list that are durable in the store. */
  List<PackRef> last() {
    synchronized (last) {
      return List.copyOf(last);
    }
  }

  /** Bytes that are durable in the store. */
  long storedBytes() {
    return storedBytes.get();
  }

  /** Stops uploads and removes what is left in the spool. */
  @Override
  public void close() {
    uploads.shutdownNow();
    uploads.close();
    synchronized (this) {
      open.forEach(OpenPack::discard);
      closing.forEach(OpenPack::discard);
      open.clear();
      closing.clear();
    }
  }

  static LifeboatException asFailure(Throwable cause) {
    return cause instanceof LifeboatException failure
        ? failure
        : new PermanentException(
            ErrorCode.INTERNAL,
            "A part of the work failed: " + cause,
            "Nothing half-made was published. Please report this with the log.",
            cause);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw OpenPack.spoolFailed(file, e);
    }
  }
}
