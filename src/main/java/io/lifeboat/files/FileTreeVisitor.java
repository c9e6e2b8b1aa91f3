package io.lifeboat.files;

/**
 * Takes what a walk finds. Each folder is entered, then come its entries in unsigned byte order of
 * their names, then it is left. The configured paths themselves come in that order too.
 */
public interface FileTreeVisitor {
  /** A folder begins. */
  void enter(FileEntry.Folder folder);

  /** The folder that was entered last, and not left, is complete. */
  void leave(FileEntry.Folder folder);

  /** A file; its contents are read by {@link FileContents}, now or not at all. */
  void file(FileEntry.RegularFile file);

  /** A symbolic link. */
  void symlink(FileEntry.Symlink link);
}
