package io.lifeboat.bench;

import io.lifeboat.store.Body;
import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.PutOutcome;
import io.lifeboat.store.folder.FolderStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder store that waits for no disk when it writes: to make what is measured later. */
final class HastyFolder extends ForwardingStore {
  private final Path root;

  HastyFolder(Path root) {
    super(new FolderStore(root));
    this.root = root;
  }

  @Override
  public PutOutcome putIfAbsent(String name, Body body) {
    Path path = root.resolve(name);
    try {
      Files.createDirectories(path.resolveSibling(""));
      switch (body) {
        case Body.Bytes bytes -> Files.write(path, bytes.bytes());
        case Body.SpooledFile file -> Files.move(file.path(), path);
      }
      return PutOutcome.CREATED;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
