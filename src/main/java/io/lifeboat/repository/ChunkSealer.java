package io.lifeboat.repository;

import com.github.luben.zstd.Zstd;
import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Packs and seals one chunk, and the way back.
 *
 * <p>{@code message context := "lifeboat chunk v1" || type u8 || codec u8 || chunk id}: a sealed
 * chunk opens as nothing but itself. Thread-safe.
 */
final class ChunkSealer {
  /** docs/adr/0017. */
  static final int ZSTD_LEVEL = 2;

  private static final int SPARE_ARRAYS = 16;
  private static final byte[] CONTEXT = "lifeboat chunk v1".getBytes(StandardCharsets.US_ASCII);

  private final MessageSealer sealer;
  private final SpareArrays spare = new SpareArrays(SPARE_ARRAYS);

  /** Packs as much as {@link #ZSTD_LEVEL} does, and seals with this. */
  ChunkSealer(MessageSealer sealer) {
    this.sealer = sealer;
  }

  /** A chunk as it goes into a pack. */
  record Sealed(Codec codec, byte[] message) {}

  /**
   * Compresses the first {@code length} bytes where that pays, seals, and reads the result back
   * before anybody relies on it: a bad memory cell must not become a bad backup.
   */
  Sealed seal(byte[] key, ChunkType type, ChunkId id, byte[] plain, int length) {
    byte[] compressed = spare.take((int) Zstd.compressBound(length));
    byte[] opened = spare.take(compressed.length);
    byte[] decoded = spare.take(length);
    try {
      int compressedBytes = ZstdContexts.compress(ZSTD_LEVEL, plain, length, compressed);
      boolean pays = compressedBytes < length - length / 32;
      Codec codec = pays ? Codec.ZSTD : Codec.RAW;
      byte[] context = context(type, codec, id);
      byte[] message =
          pays
              ? sealer.seal(key, context, compressed, 0, compressedBytes)
              : sealer.seal(key, context, plain, 0, length);
      int packedBytes = sealer.open(key, context, message, 0, message.length, opened);
      boolean same =
          pays
              ? ZstdContexts.decompress(opened, packedBytes, decoded, length) == length
                  && Arrays.equals(plain, 0, length, decoded, 0, length)
              : Arrays.equals(plain, 0, length, opened, 0, packedBytes);
      if (!same) {
        throw new PermanentException(
            ErrorCode.INTERNAL,
            "A chunk read back differently from what was sealed: " + id,
            "Test this machine's memory. Nothing of this backup was published.");
      }
      return new Sealed(codec, message);
    } finally {
      spare.give(compressed);
      spare.give(opened);
      spare.give(decoded);
    }
  }

  /** Opens and unpacks; answers exactly {@code plainBytes} bytes. */
  byte[] open(byte[] key, ChunkType type, Codec codec, ChunkId id, byte[] message, int plainBytes) {
    return open(key, type, codec, id, message, 0, message.length, plainBytes);
  }

  /** The same, of the message that fills {@code length} bytes from {@code offset}. */
  byte[] open(
      byte[] key,
      ChunkType type,
      Codec codec,
      ChunkId id,
      byte[] bytes,
      int offset,
      int length,
      int plainBytes) {
    byte[] context = context(type, codec, id);
    byte[] plain =
        switch (codec) {
          case RAW -> sealer.open(key, context, bytes, offset, length);
          case ZSTD -> {
            byte[] packed = spare.take(length);
            try {
              int packedBytes = sealer.open(key, context, bytes, offset, length, packed);
              yield unpack(packed, packedBytes, plainBytes);
            } finally {
              spare.give(packed);
            }
          }
        };
    if (plain.length != plainBytes) {
      throw damaged("it has " + plain.length + " bytes instead of " + plainBytes);
    }
    return plain;
  }

  private static byte[] unpack(byte[] packed, int packedBytes, int plainBytes) {
    byte[] plain = new byte[plainBytes];
    if (ZstdContexts.decompress(packed, packedBytes, plain, plainBytes) != plainBytes) {
      throw damaged("it does not unpack");
    }
    return plain;
  }

  private static PermanentException damaged(String why) {
    return new PermanentException(
        ErrorCode.OBJECT_DAMAGED, "A chunk is damaged: " + why, Hints.VERIFY);
  }

  private static byte[] context(ChunkType type, Codec codec, ChunkId id) {
    return new Encoder().raw(CONTEXT).u8(type.number()).u8(codec.number()).raw(id.bytes()).done();
  }
}
