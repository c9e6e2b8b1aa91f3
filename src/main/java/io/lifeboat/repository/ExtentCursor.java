package io.lifeboat.repository;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.function.Consumer;

/** Walks along the extents of contents, and cuts them where a part of them is wanted. */
final class ExtentCursor {
  private final Deque<Extent> ahead;

  ExtentCursor(Collection<Extent> extents) {
    this.ahead = new ArrayDeque<>(extents);
  }

  /** Moves on, and hands over what lies on the way: a hole, once the contents have ended. */
  void take(long lengthBytes, Consumer<Extent> to) {
    long left = lengthBytes;
    while (left > 0 && !ahead.isEmpty()) {
      Extent next = ahead.removeFirst();
      long step = Math.min(left, next.lengthBytes());
      to.accept(part(next, 0, step));
      if (step < next.lengthBytes()) {
        ahead.addFirst(part(next, step, next.lengthBytes() - step));
      }
      left -= step;
    }
    if (left > 0) {
      to.accept(new Extent.Hole(left));
    }
  }

  /** Moves on. */
  void skip(long lengthBytes) {
    take(lengthBytes, passed -> {});
  }

  private static Extent part(Extent extent, long offsetBytes, long lengthBytes) {
    return switch (extent) {
      case Extent.Hole hole -> new Extent.Hole(lengthBytes);
      case Extent.Data data ->
          new Extent.Data(data.chunk(), (int) (data.offsetBytes() + offsetBytes), lengthBytes);
    };
  }
}
