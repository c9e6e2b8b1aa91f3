package io.lifeboat.repository;

/** The contents of many files, one after the other, read ahead. One consumer thread. */
public interface ContentSequence extends AutoCloseable {
  /** The next file's contents; the one before must have been read to its end. */
  ContentReader next();

  @Override
  void close();
}
