package io.lifeboat.repository;

import java.util.Iterator;
import java.util.List;

/**
 * Reads one snapshot with a recovery identity. Thread-safe.
 *
 * <p>Every method throws {@link io.lifeboat.error.LifeboatException}: {@code OBJECT_MISSING} or
 * {@code OBJECT_DAMAGED} with the object's name, or the store's own.
 */
public interface SnapshotReader extends AutoCloseable {
  /** What was recorded with the snapshot. */
  SnapshotRoot root();

  /** The entries of a folder, in ascending order of names. */
  List<Node> list(Node.Directory directory);

  /**
   * Reads the contents of these files in this order, ahead of the caller. Close it before the next
   * one is begun.
   */
  ContentSequence read(Iterator<Node.RegularFile> files);

  /**
   * The same for a caller who has some of the bytes: chunks that are the same there come as
   * {@linkplain ContentReader.Piece.Data#atHand his own}, proven by their ids, and are not read.
   */
  default ContentSequence readAround(Iterator<WantedFile> files) {
    return read(
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return files.hasNext();
          }

          @Override
          public Node.RegularFile next() {
            return files.next().file();
          }
        });
  }

  @Override
  void close();
}
