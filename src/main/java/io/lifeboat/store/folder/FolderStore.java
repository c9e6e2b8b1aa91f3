package io.lifeboat.store.folder;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectName;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.PutOutcome;
import io.lifeboat.store.TooLong;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Objects as files of a folder of a local or mounted file system that has hard links. Several
 * processes may use one folder.
 *
 * <p>Files are readable by their owner only and never change. Temporary files lie in {@code .tmp}
 * below the root. Reading writes nothing: a store on a read-only medium can be restored from. The
 * folder is created by the first put.
 */
public final class FolderStore implements ObjectStore {
  // The JDK copies what it reads through a direct buffer of the same size: slices bound that.
  private static final int SLICE_BYTES = 256 * 1024;

  private final Path root;
  private final Publisher publisher;

  /**
   * A store in this folder.
   *
   * @throws PermanentException with code {@code CONFIG_INVALID} if there is something that is not a
   *     folder
   */
  public FolderStore(Path root) {
    this.root = root.toAbsolutePath().normalize();
    if (Files.exists(this.root) && !Files.isDirectory(this.root)) {
      throw new PermanentException(
          ErrorCode.CONFIG_INVALID,
          "The store's path " + this.root + " is not a folder",
          "Set store.path to a folder, or to a path where one can be created.");
    }
    this.publisher = new Publisher(this.root.resolve(".tmp"), new DurableFolders());
  }

  @Override
  public PutOutcome putIfAbsent(String name, Body body) {
    Path path = path(name);
    try {
      return publisher.publish(path, body);
    } catch (IOException e) {
      throw FolderFailures.translate(e, "write", path);
    }
  }

  @Override
  public byte[] get(String name, long mostBytes) {
    Path path = path(name);
    ObjectInfo object =
        FolderWalk.look(path, name).orElseThrow(() -> FolderFailures.missing(name, path));
    TooLong.refuse(name, object.sizeBytes(), mostBytes);
    return read(path, object, 0, Math.toIntExact(object.sizeBytes()));
  }

  @Override
  public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
    if (offsetBytes < 0 || lengthBytes < 0) {
      throw new IllegalArgumentException("Not a range: " + offsetBytes + " + " + lengthBytes);
    }
    Path path = path(name);
    ObjectInfo object =
        FolderWalk.look(path, name).orElseThrow(() -> FolderFailures.missing(name, path));
    return read(path, object, offsetBytes, lengthBytes);
  }

  private static byte[] read(Path path, ObjectInfo object, long offsetBytes, int lengthBytes) {
    long availableBytes = Math.max(0, object.sizeBytes() - offsetBytes);
    byte[] bytes = new byte[(int) Math.min(lengthBytes, availableBytes)];
    try (var in = FileChannel.open(path, StandardOpenOption.READ)) {
      readFully(in, offsetBytes, bytes);
      return bytes;
    } catch (NoSuchFileException e) {
      throw FolderFailures.missing(object.name(), path);
    } catch (IOException e) {
      throw FolderFailures.translate(e, "read", path);
    }
  }

  private static void readFully(FileChannel in, long offsetBytes, byte[] bytes) throws IOException {
    int done = 0;
    while (done < bytes.length) {
      var slice = ByteBuffer.wrap(bytes, done, Math.min(SLICE_BYTES, bytes.length - done));
      int read = in.read(slice, offsetBytes + done);
      if (read < 0) {
        throw new EOFException("the file ended after " + (offsetBytes + done) + " bytes");
      }
      done += read;
    }
  }

  @Override
  public Optional<ObjectInfo> head(String name) {
    return FolderWalk.look(path(name), name);
  }

  @Override
  public Stream<ObjectInfo> list(String prefix) {
    return StreamSupport.stream(new FolderWalk(root, ObjectName.requirePrefix(prefix)), false);
  }

  @Override
  public void delete(String name) {
    Path path = path(name);
    if (FolderWalk.look(path, name).isEmpty()) {
      return;
    }
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw FolderFailures.translate(e, "remove", path);
    }
  }

  @Override
  public String describe() {
    return "folder " + root;
  }

  @Override
  public void close() {
    // Nothing is held open between calls.
  }

  private Path path(String name) {
    return root.resolve(ObjectName.require(name));
  }
}
