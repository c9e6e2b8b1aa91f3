package io.lifeboat.repository;

import java.util.function.Supplier;

/**
 * A file whose contents are to be read.
 *
 * @param atHand opens what there is of it from elsewhere; asked once, when the file's turn has come
 */
public record WantedFile(Node.RegularFile file, Supplier<BytesAtHand> atHand) {
  /** One of which nothing is at hand. */
  public static WantedFile whole(Node.RegularFile file) {
    return new WantedFile(file, BytesAtHand::none);
  }
}
