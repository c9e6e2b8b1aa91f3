package io.lifeboat.repository;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Writes one snapshot. Contents are written by one thread, a file at a time; what comes of them is
 * answered later, so that cutting, sealing and storing run in parallel. Nothing is visible to
 * anybody before {@link #commit}; closing without commit leaves no snapshot.
 *
 * <p>Every method throws the first failure of the background work as a {@link
 * io.lifeboat.error.LifeboatException}.
 */
public interface SnapshotWriter extends AutoCloseable {
  /**
   * Begins a file's contents.
   *
   * @param expectedBytes how long it will be, as far as is known; decides whether it shares chunks
   */
  ContentWriter content(Chunking chunking, long expectedBytes);

  /** Writes a directory whose entries are known or will be; their order does not matter. */
  CompletableFuture<Node.Directory> directory(
      FileName name,
      Attributes attributes,
      List<? extends CompletableFuture<? extends Node>> entries);

  /**
   * Takes over contents of an earlier snapshot, if every chunk of them is known to be stored.
   *
   * @return whether that was so; if not, the contents must be read and written again
   */
  boolean reuse(Content content);

  /**
   * Whether every chunk of contents of an earlier snapshot is known to be stored, so that they may
   * be {@linkplain #reuse taken over} or {@linkplain #overlay laid under} new bytes in this run.
   */
  boolean knows(Content content);

  /**
   * Begins a file's contents that are in part those of an earlier snapshot, of pages.
   *
   * @param earlier contents that this run {@linkplain #knows knows}
   * @param newBytes how many bytes will be new, as far as is known; decides whether they share
   *     chunks
   */
  ContentOverlay overlay(Content earlier, long newBytes);

  /**
   * Ends all contents: what was promised is answered as soon as the workers are done. No contents
   * after this.
   */
  void endContents();

  /**
   * Marks the snapshot with one more tag, if it has room for one: what there is to say of it that
   * whoever lists snapshots must see. For the thread that commits.
   */
  void mark(String tag);

  /**
   * Says which range of its cluster's write-ahead log a physical copy needs and contains. For the
   * thread that commits.
   */
  void contains(WalRange range);

  /**
   * Makes everything durable and then appends the snapshot to the log.
   *
   * @param facts what the source said of itself, as a JSON object
   * @param tree the root folder
   * @return the new snapshot
   */
  SnapshotInfo commit(String facts, CompletableFuture<Node.Directory> tree, Totals totals);

  /**
   * What looks whether the store has what was committed; it works after this is closed.
   *
   * @throws IllegalStateException if nothing was committed
   */
  ReadBack readBack();

  /** What was found so far; final once {@link #endContents} has returned. */
  Found found();

  @Override
  void close();

  /**
   * Contents that were written but had been stored before. Contents that were {@linkplain #reuse
   * taken over} are not among them.
   *
   * @param knownBytes by any earlier run, as far as the index of stored chunks goes
   * @param reusedBytes of these, by runs of this host that were killed or failed, after the last
   *     one that ended well
   */
  record Found(long knownBytes, long reusedBytes) {}

  /**
   * A range of a cluster's write-ahead log.
   *
   * @param systemIdentifier of the cluster, as decimal text
   * @param start position where a copy's recovery begins, unsigned
   * @param stop position where a copy is consistent, unsigned
   * @param stoppedAt an instant after the server had written {@code stop}, by the server's clock
   * @param segmentBytes how long a segment of the cluster's is
   */
  record WalRange(
      String systemIdentifier,
      int timeline,
      long start,
      long stop,
      Instant stoppedAt,
      long segmentBytes) {}

  /**
   * What was counted while reading.
   *
   * @param sizeBytes what a restore writes
   * @param files regular files
   */
  record Totals(long sizeBytes, long files) {}
}
