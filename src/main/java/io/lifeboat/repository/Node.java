package io.lifeboat.repository;

import java.util.Optional;

/** One entry of a directory as a snapshot keeps it. */
public sealed interface Node {
  /** Its name in its directory. */
  FileName name();

  /** Mode, owner, times. */
  Attributes attributes();

  /** A folder; its entries are read with {@link SnapshotReader#list}. */
  record Directory(FileName name, Attributes attributes, Content listing) implements Node {}

  /**
   * A file with contents.
   *
   * @param linkGroup files of one snapshot with the same number other than zero are one file with
   *     several names
   * @param sha256 SHA-256 of the contents, 32 bytes; empty if whoever wrote them did not read all
   *     of them. Then their size and the keyed ids of their chunks are what there is to check.
   */
  record RegularFile(
      FileName name,
      Attributes attributes,
      Content content,
      Optional<byte[]> sha256,
      long linkGroup)
      implements Node {}

  /**
   * A symbolic link.
   *
   * @param target the raw bytes it points to
   */
  record Symlink(FileName name, Attributes attributes, byte[] target) implements Node {}
}
