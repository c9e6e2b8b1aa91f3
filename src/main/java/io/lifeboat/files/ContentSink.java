package io.lifeboat.files;

/** Takes a file's contents in order. */
public interface ContentSink {
  /** The next bytes; the array is used again after the call. */
  void write(byte[] bytes, int offset, int lengthBytes);

  /** A run of zeros. */
  void hole(long lengthBytes);
}
