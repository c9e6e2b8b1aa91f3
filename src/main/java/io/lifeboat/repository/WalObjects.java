package io.lifeboat.repository;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.crypto.VerifyKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/**
 * The bytes of the objects that WAL lies in. Each is signed by the node that wrote it, with its
 * name:
 *
 * <pre>
 * object    := magic(8) || body || writer's key id(8) || Ed25519 signature(64)
 * signature  of "lifeboat wal v1\n" || repository || "\n" || name || "\n" || SHA-256 of all before it, hexadecimal
 * piece     := magic "LBWAL001", body = session(16) || sealed message, its context "lifeboat wal v1 " || name
 * message   := version(1) = 1 || codec(1) || sent at(8) || complete at(8) || length(4) || packed length(4)
 *              || packed bytes || zeros up to a Padmé size
 * session   := magic "LBWALKEY", body = age file of the session's key(32)
 * </pre>
 *
 * Numbers are big-endian, times in microseconds since 1970. Stateless; thread-safe.
 */
final class WalObjects {
  static final int SESSION_BYTES = 16;

  private static final byte[] PIECE_MAGIC = "LBWAL001".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SESSION_MAGIC = "LBWALKEY".getBytes(StandardCharsets.US_ASCII);
  private static final String PURPOSE = "lifeboat wal v1";
  private static final int KEY_ID_BYTES = 8;
  private static final int TAIL_BYTES = KEY_ID_BYTES + SigningKey.SIGNATURE_BYTES;
  private static final int VERSION = 1;
  private static final int NUMBERS_BYTES = 8 + 8 + 4 + 4;
  private static final int HEADER_BYTES = 1 + 1 + NUMBERS_BYTES;
  private static final int ZSTD_LEVEL = 1;

  private final String repository;

  WalObjects(String repository) {
    this.repository = repository;
  }

  /** What a piece says. */
  record Content(WalTimes times, byte[] bytes) {}

  /** A session, and what was sealed in it. */
  record SealedPiece(String session, byte[] message) {}

  byte[] session(String name, byte[] envelope, SigningKey signer) {
    return signed(name, SESSION_MAGIC, new byte[0], envelope, signer);
  }

  /** The age file of a session's object. */
  byte[] envelope(String name, byte[] object, Map<String, VerifyKey> writers) {
    return body(name, SESSION_MAGIC, object, writers);
  }

  byte[] piece(
      String name,
      byte[] session,
      byte[] key,
      MessageSealer sealer,
      Content content,
      SigningKey by) {
    byte[] plain = encode(content);
    byte[] message = sealer.seal(key, context(name), plain, 0, plain.length);
    return signed(name, PIECE_MAGIC, session, message, by);
  }

  SealedPiece sealed(String name, byte[] object, Map<String, VerifyKey> writers) {
    byte[] body = body(name, PIECE_MAGIC, object, writers);
    if (body.length < SESSION_BYTES) {
      throw Failures.damaged(name, "it is cut short");
    }
    return new SealedPiece(
        HexFormat.of().formatHex(body, 0, SESSION_BYTES),
        Arrays.copyOfRange(body, SESSION_BYTES, body.length));
  }

  Content open(String name, byte[] message, byte[] key, MessageSealer sealer) {
    return Failures.naming(name, () -> decode(name, sealer.open(key, context(name), message)));
  }

  private static byte[] context(String name) {
    return (PURPOSE + " " + name).getBytes(StandardCharsets.US_ASCII);
  }

  private byte[] signed(String name, byte[] magic, byte[] first, byte[] second, SigningKey signer) {
    int length = magic.length + first.length + second.length + KEY_ID_BYTES;
    ByteBuffer object = ByteBuffer.allocate(length + SigningKey.SIGNATURE_BYTES);
    object.put(magic).put(first).put(second);
    object.put(HexFormat.of().parseHex(signer.verifyKey().id()));
    object.put(signer.sign(statement(name, object.array(), length)));
    return object.array();
  }

  private byte[] statement(String name, byte[] object, int length) {
    var digest = Hashes.sha256();
    digest.update(object, 0, length);
    String hash = HexFormat.of().formatHex(digest.digest());
    return (PURPOSE + "\n" + repository + "\n" + name + "\n" + hash)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private byte[] body(String name, byte[] magic, byte[] object, Map<String, VerifyKey> writers) {
    int signedBytes = object.length - SigningKey.SIGNATURE_BYTES;
    int end = object.length - TAIL_BYTES;
    if (end < magic.length || !Arrays.equals(object, 0, magic.length, magic, 0, magic.length)) {
      throw Failures.damaged(name, "it is no object of WAL, or it is cut short");
    }
    String id = HexFormat.of().formatHex(object, end, signedBytes);
    byte[] signature = Arrays.copyOfRange(object, signedBytes, object.length);
    VerifyKey key = writers.get(id);
    if (key == null || !key.verify(statement(name, object, signedBytes), signature)) {
      throw Failures.damaged(
          name, "its signature is not by a registered writer, or it was changed");
    }
    return Arrays.copyOfRange(object, magic.length, end);
  }

  private static byte[] encode(Content content) {
    byte[] plain = content.bytes();
    byte[] packed = Zstd.compress(plain, ZSTD_LEVEL);
    boolean pays = packed.length < plain.length;
    byte[] kept = pays ? packed : plain;
    int size = Math.toIntExact(PackLayout.padme(HEADER_BYTES + (long) kept.length));
    return ByteBuffer.allocate(size)
        .put((byte) VERSION)
        .put((byte) (pays ? Codec.ZSTD : Codec.RAW).number())
        .putLong(micros(content.times().sentAt()))
        .putLong(micros(content.times().completeAt()))
        .putInt(plain.length)
        .putInt(kept.length)
        .put(kept)
        .array();
  }

  private static Content decode(String name, byte[] plain) {
    var in = new Decoder(plain, name);
    if (in.u8() != VERSION) {
      throw in.broken("a newer Lifeboat wrote it, or it was changed");
    }
    Codec codec = Codec.of(in.u8(), in);
    ByteBuffer numbers = ByteBuffer.wrap(in.raw(NUMBERS_BYTES));
    var times = new WalTimes(instant(numbers.getLong()), instant(numbers.getLong()));
    int length = numbers.getInt();
    int packedLength = numbers.getInt();
    if (length < 0 || length > ObjectLimits.WAL_BYTES) {
      throw in.broken("it has an impossible length of " + length);
    }
    byte[] packed = in.raw(packedLength);
    in.padding();
    byte[] bytes = codec == Codec.RAW ? packed : unpack(packed, length, in);
    if (bytes.length != length) {
      throw in.broken("it has " + bytes.length + " bytes instead of " + length);
    }
    return new Content(times, bytes);
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private static byte[] unpack(byte[] packed, int length, Decoder in) {
    try {
      return Zstd.decompress(packed, length);
    } catch (ZstdException e) {
      throw in.broken("zstd: " + e.getMessage());
    }
  }
}
