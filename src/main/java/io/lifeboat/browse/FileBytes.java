package io.lifeboat.browse;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Node;
import io.lifeboat.restore.RestorePath;
import java.io.IOException;
import java.io.OutputStream;

/** Writes the bytes of one file as they are. */
public final class FileBytes extends ArchiveTarget {
  private final OutputStream out;

  /** To this stream. */
  public FileBytes(OutputStream out) {
    this.out = out;
  }

  /**
   * Checks that there is a file with bytes.
   *
   * @throws PermanentException with code {@code USAGE_INVALID}
   */
  public static void require(RestorePath path, Node node) {
    String kind =
        switch (node) {
          case Node.RegularFile file -> "";
          case Node.Directory folder -> "a folder";
          case Node.Symlink link -> "a symbolic link";
        };
    if (!kind.isEmpty()) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "'" + path + "' is " + kind + ", not a file",
          "`lifeboat ls` shows what it is, `lifeboat dump` takes anything.");
    }
  }

  @Override
  void begin(RestorePath path, Node.RegularFile node) {}

  @Override
  OutputStream contents() {
    return out;
  }

  @Override
  void end(long sizeBytes) throws IOException {
    out.flush();
  }

  @Override
  void folder(RestorePath path, Attributes attributes) {}

  @Override
  void link(RestorePath path, Node.Symlink node) {}

  @Override
  void otherName(RestorePath path, RestorePath first) {}

  @Override
  void finish() {}
}
