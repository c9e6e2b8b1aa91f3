package io.lifeboat.repository;

import java.util.ArrayList;
import java.util.List;

/** Collects extents; two that follow each other in one chunk, and two holes, become one. */
final class JoinedExtents {
  private final List<Extent> extents = new ArrayList<>();

  void add(Extent next) {
    if (!extents.isEmpty()) {
      Extent last = extents.getLast();
      if (last instanceof Extent.Hole hole && next instanceof Extent.Hole more) {
        extents.set(extents.size() - 1, new Extent.Hole(hole.lengthBytes() + more.lengthBytes()));
        return;
      }
      if (last instanceof Extent.Data data
          && next instanceof Extent.Data more
          && data.chunk().equals(more.chunk())
          && data.offsetBytes() + data.lengthBytes() == more.offsetBytes()) {
        extents.set(
            extents.size() - 1,
            new Extent.Data(
                data.chunk(), data.offsetBytes(), data.lengthBytes() + more.lengthBytes()));
        return;
      }
    }
    extents.add(next);
  }

  List<Extent> extents() {
    return extents;
  }
}
