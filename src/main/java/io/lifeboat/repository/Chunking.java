package io.lifeboat.repository;

/** How a file's contents are cut. */
public enum Chunking {
  /**
   * Where the contents say: an insertion changes one chunk. Small files share chunks with their
   * neighbours.
   */
  CONTENT,
  /**
   * At fixed, page-aligned places: for files that change in place. Small files share chunks with
   * their neighbours.
   */
  PAGES
}
