package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.ContentHash;
import io.lifeboat.repository.ContentReader;
import io.lifeboat.repository.Node;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One file on its way to a target; it is complete only if its contents have the hash that was taken
 * when they were read from the source, where one was. Used by one thread at a time.
 */
final class FileWrite implements AutoCloseable {
  private final RestorePath path;
  private final Node.RegularFile file;
  private final RestoreTarget target;
  private final Progress progress;
  private final ContentHash hash = new ContentHash();
  private RestoreTarget.@Nullable FileWriter writer;
  private long written;

  FileWrite(RestorePath path, Node.RegularFile file, RestoreTarget target, Progress progress) {
    this.path = path;
    this.file = file;
    this.target = target;
    this.progress = progress;
  }

  /** Writes what comes next. */
  void add(List<ContentReader.Piece> pieces) {
    pieces.forEach(this::add);
  }

  private void add(ContentReader.Piece piece) {
    RestoreTarget.FileWriter to = writer();
    long length =
        switch (piece) {
          case ContentReader.Piece.Data data -> {
            int size = data.bytes().remaining();
            hash.bytes(data.bytes());
            to.write(data.bytes());
            yield size;
          }
          case ContentReader.Piece.Hole hole -> {
            hash.zeros(hole.lengthBytes());
            to.hole(hole.lengthBytes());
            yield hole.lengthBytes();
          }
        };
    written += length;
    progress.advance(length, 0);
  }

  /** Everything was added. */
  void complete() {
    RestoreTarget.FileWriter to = writer();
    byte[] found = hash.done();
    boolean same = file.sha256().map(recorded -> Arrays.equals(found, recorded)).orElse(true);
    if (written != file.content().sizeBytes() || !same) {
      throw damaged(path, "its contents do not have the hash that was recorded with them");
    }
    to.complete();
    progress.advance(0, 1);
  }

  private RestoreTarget.FileWriter writer() {
    if (writer == null) {
      writer = target.file(path, file);
    }
    return writer;
  }

  static PermanentException damaged(RestorePath path, String why) {
    return new PermanentException(
        ErrorCode.OBJECT_DAMAGED,
        "'" + path + "' is damaged: " + why,
        "Run `lifeboat verify --level L2`, and restore another snapshot.");
  }

  @Override
  public void close() {
    if (writer != null) {
      writer.close();
    }
  }
}
