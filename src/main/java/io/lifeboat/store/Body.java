package io.lifeboat.store;

import java.nio.file.Path;

/** The bytes of an object to be written: re-readable, so that a put can be tried again. */
public sealed interface Body {
  /** How many bytes there are. */
  long sizeBytes();

  /** Bytes in memory; the caller does not change them while the put runs. */
  record Bytes(byte[] bytes) implements Body {
    @Override
    public long sizeBytes() {
      return bytes.length;
    }
  }

  /**
   * Bytes in a file that the caller owns and keeps unchanged while the put runs. A folder store may
   * hard-link it, so the caller may delete it afterwards but never change it.
   */
  record SpooledFile(Path path, long sizeBytes) implements Body {}
}
