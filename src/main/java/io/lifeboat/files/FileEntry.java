package io.lifeboat.files;

import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.FileName;
import java.nio.file.Path;
import java.time.Instant;

/** What a walk found at a path. */
public sealed interface FileEntry {
  /** Where it is; leads to the same bytes that the file system has, whatever the locale. */
  Path path();

  /** Its name in the snapshot: the last component of the path. */
  FileName name();

  /** Mode, owner, time of modification. */
  Attributes attributes();

  /** A folder. */
  record Folder(Path path, FileName name, Attributes attributes) implements FileEntry {}

  /**
   * A file with contents.
   *
   * @param sizeBytes its length when it was looked at
   * @param changedAt when its contents or attributes last changed, by the system's own account
   *     ({@code ctime}): unlike the time of modification, no program can set it
   * @param identity which file it is, whatever its name
   * @param linkCount how many names it has on its file system, in the snapshot or not
   */
  record RegularFile(
      Path path,
      FileName name,
      Attributes attributes,
      long sizeBytes,
      Instant changedAt,
      Identity identity,
      int linkCount)
      implements FileEntry {
    /** Whether another name may lead to the same file. */
    public boolean hasOtherNames() {
      return linkCount > 1;
    }
  }

  /**
   * A symbolic link; it is kept, not followed.
   *
   * @param target the bytes it holds
   */
  record Symlink(Path path, FileName name, Attributes attributes, byte[] target)
      implements FileEntry {}

  /** What makes two names one file, as long as it exists. */
  record Identity(long device, long inode) {}
}
