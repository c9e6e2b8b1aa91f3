package io.lifeboat.restore;

import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.BytesAtHand;
import io.lifeboat.repository.Node;
import java.nio.ByteBuffer;

/**
 * Where a restore writes. Called from one thread but for files, see {@link #takesFilesTogether};
 * folders before their entries; {@link #commit} once at the end. Closing without commit leaves the
 * target marked as incomplete or removes what was written.
 */
public interface RestoreTarget extends AutoCloseable {
  /** Creates a folder (for the root: makes sure it is there and empty). */
  void directory(RestorePath path, Attributes attributes);

  /**
   * What the snapshot has in a folder that was created: a target that existed before learns what it
   * has too much. A new one has nothing to learn.
   */
  default void entries(RestorePath path, FolderEntries entries) {}

  /**
   * Whether this file is there already and its contents need not be read. Called ahead of
   * everything else, from another thread; {@link #keep} follows if it is so.
   */
  default boolean holds(RestorePath path, Node.RegularFile node) {
    return false;
  }

  /**
   * Leaves the contents of a file that it holds; answers whether they are those of the snapshot (a
   * target that only counts says "no" for what it would have written).
   */
  default boolean keep(RestorePath path, Node.RegularFile node) {
    throw new IllegalStateException("This target holds nothing");
  }

  /**
   * What lies where this file goes and has other contents: what is the same in both is taken from
   * it. Called as {@link #holds} is, for a file that is not held; the answer may be used until
   * {@link FileWriter#complete}.
   */
  default BytesAtHand existing(RestorePath path) {
    return BytesAtHand.none();
  }

  /** Whether {@link #hardLink} can be called; if not, each name gets the contents. */
  default boolean hasHardLinks() {
    return true;
  }

  /**
   * Whether several files may be written at once, each by one thread at a time. If not, a file is
   * closed before anything else is asked for.
   */
  default boolean takesFilesTogether() {
    return false;
  }

  /** How many entries {@link #commit} has deleted because the snapshot does not have them. */
  default long deleted() {
    return 0;
  }

  /** Creates a file and answers where its contents go. */
  FileWriter file(RestorePath path, Node.RegularFile node);

  /** Gives a file that was written before a second name; false if it had it. */
  boolean hardLink(RestorePath path, RestorePath existing);

  /** Creates a symbolic link. */
  void symlink(RestorePath path, Node.Symlink node);

  /**
   * Everything was written: sets folder times, makes it durable, removes the mark of an unfinished
   * restore.
   */
  void commit();

  @Override
  void close();

  /**
   * Takes one file's contents in order. Closing before {@code sizeBytes} bytes were taken means the
   * file is broken.
   */
  interface FileWriter extends AutoCloseable {
    /** The next bytes; the buffer is not kept. */
    void write(ByteBuffer bytes);

    /** A run of zeros. */
    void hole(long lengthBytes);

    /** All bytes were taken, and they are right: sets the file's attributes. */
    void complete();

    @Override
    void close();
  }
}
