package io.lifeboat.repository;

import java.util.ArrayList;
import java.util.List;

/** Takes the chunks of a list of extents in order and gives the extents. Not thread-safe. */
final class ExtentDecoder {
  /** No encoded extent is longer: kind, id, two numbers. */
  private static final int LONGEST_EXTENT_BYTES = 1 + ChunkId.BYTES + 10 + 10;

  private byte[] rest = new byte[0];

  /**
   * The extents that this chunk completes.
   *
   * @param last whether no chunk follows: until then, an extent may be cut by the chunk's end
   */
  List<Extent> next(byte[] chunk, boolean last) {
    byte[] joined = new byte[rest.length + chunk.length];
    System.arraycopy(rest, 0, joined, 0, rest.length);
    System.arraycopy(chunk, 0, joined, rest.length, chunk.length);
    var in = new Decoder(joined, "an extent list");
    int whole = last ? 1 : LONGEST_EXTENT_BYTES;
    var extents = new ArrayList<Extent>();
    while (in.remaining() >= whole) {
      extents.add(TreeCodec.extent(in));
    }
    rest = in.raw(in.remaining());
    return extents;
  }
}
