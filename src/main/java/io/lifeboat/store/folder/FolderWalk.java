package io.lifeboat.store.folder;

import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectName;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;

/**
 * Objects below a folder, in byte order of their whole names. Holds the names of one folder per
 * level, not those of the whole tree. A folder {@code x} sorts as {@code x/}, because that is how
 * the names of its objects go on.
 */
final class FolderWalk extends Spliterators.AbstractSpliterator<ObjectInfo> {
  private final Path root;
  private final String prefix;
  private final Deque<String> ahead = new ArrayDeque<>();

  /** A walk over the objects whose names start with the prefix. */
  FolderWalk(Path root, String prefix) {
    super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.DISTINCT);
    this.root = root;
    this.prefix = prefix;
    ahead.push(prefix.substring(0, prefix.lastIndexOf('/') + 1));
  }

  @Override
  public boolean tryAdvance(Consumer<? super ObjectInfo> action) {
    while (!ahead.isEmpty()) {
      String name = ahead.pop();
      if (name.isEmpty() || name.endsWith("/")) {
        open(name);
      } else {
        Optional<ObjectInfo> object = look(root.resolve(name), name);
        if (object.isPresent()) {
          action.accept(object.get());
          return true;
        }
      }
    }
    return false;
  }

  /** The object behind a path, or empty if there is none. */
  static Optional<ObjectInfo> look(Path path, String name) {
    try {
      var attributes =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return attributes.isRegularFile()
          ? Optional.of(
              new ObjectInfo(name, attributes.size(), attributes.lastModifiedTime().toInstant()))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      if (hasFileAbove(path)) {
        return Optional.empty();
      }
      throw FolderFailures.translate(e, "read", path);
    }
  }

  private void open(String folder) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(root.resolve(folder))) {
      for (Path entry : entries) {
        String name = folder + entry.getFileName();
        if (ObjectName.isValid(name)) {
          names.add(Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) ? name + "/" : name);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return; // no folder, no objects
    } catch (DirectoryIteratorException e) {
      throw FolderFailures.translate(new IOException(e), "list", root.resolve(folder));
    } catch (IOException e) {
      throw FolderFailures.translate(e, "list", root.resolve(folder));
    }
    names.removeIf(name -> !name.startsWith(prefix));
    Collections.sort(names, Collections.reverseOrder());
    names.forEach(ahead::push);
  }

  /** Whether a component above the path is a file: then there is nothing below it. */
  private static boolean hasFileAbove(Path path) {
    for (Path above = path.getParent(); above != null; above = above.getParent()) {
      if (Files.isRegularFile(above)) {
        return true;
      }
    }
    return false;
  }
}
