package io.lifeboat.repository;

import com.github.luben.zstd.Zstd;
import io.lifeboat.crypto.ChunkIds;
import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.repository.chunking.Cutter;
import io.lifeboat.repository.chunking.FastCdcCutter;
import io.lifeboat.repository.chunking.GearTable;
import java.security.SecureRandom;

/**
 * What a backup cannot do without, and nothing else: cut, identify, compress, seal. No files, no
 * packs, no index, no reading back. For one thread.
 */
public final class ChunkParts {
  private static final byte[] KEY = new byte[32];

  private final GearTable gear = new GearTable(KEY);
  private final ChunkIds ids = new ChunkIds(KEY);
  private final MessageSealer sealer = new MessageSealer(new SecureRandom());
  private final byte[] compressed =
      new byte[(int) Zstd.compressBound(ChunkLimits.ARTIFACTS.maximumBytes())];
  private final byte[] open = new byte[ChunkLimits.ARTIFACTS.maximumBytes()];

  /** Does it with one stretch of bytes; answers how many sealed bytes there are. */
  public long work(byte[] bytes) {
    var cutter = new FastCdcCutter(gear, ChunkLimits.ARTIFACTS);
    long sealed = 0;
    for (int start = 0; start < bytes.length; ) {
      int length = Math.min(open.length, bytes.length - start);
      System.arraycopy(bytes, start, open, 0, length);
      int cut = cutter.cut(open, 0, length);
      int end = cut == Cutter.NO_CUT ? length : cut;
      sealed += seal(end);
      start += end;
    }
    return sealed;
  }

  private long seal(int length) {
    byte[] id = ids.id(open, 0, length);
    int packed =
        (int)
            Zstd.compressByteArray(
                compressed, 0, compressed.length, open, 0, length, ChunkSealer.ZSTD_LEVEL);
    boolean pays = packed < length - length / 32;
    byte[] message = sealer.seal(KEY, id, pays ? compressed : open, 0, pays ? packed : length);
    return message.length;
  }
}
