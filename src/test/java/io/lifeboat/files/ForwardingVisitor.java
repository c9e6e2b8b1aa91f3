package io.lifeboat.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Lets a test change the tree between what a walk finds and what is read. */
class ForwardingVisitor implements FileTreeVisitor {
  private final FileTreeVisitor visitor;

  ForwardingVisitor(FileTreeVisitor visitor) {
    this.visitor = visitor;
  }

  @Override
  public void enter(FileEntry.Folder folder) {
    visitor.enter(folder);
  }

  @Override
  public void leave(FileEntry.Folder folder) {
    visitor.leave(folder);
  }

  @Override
  public void file(FileEntry.RegularFile file) {
    visitor.file(file);
  }

  @Override
  public void symlink(FileEntry.Symlink link) {
    visitor.symlink(link);
  }

  static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void link(Path link, Path target) {
    try {
      Files.createSymbolicLink(link, target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
