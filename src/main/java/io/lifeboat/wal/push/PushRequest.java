package io.lifeboat.wal.push;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a client says first; the file's bytes follow, and then it waits for the {@link PushAnswer}.
 * One request for each connection. Numbers are big-endian, texts are UTF-8 of at most 255 bytes:
 *
 * <pre>
 * request := "LBPUSH01" 8 || sent at 8 || patience 4 || length 8 || plan || name || bytes
 * plan, name := length 1 || text
 * </pre>
 *
 * @param plan the plan whose source the file comes from
 * @param name what the server calls the file, without a folder
 * @param lengthBytes how many bytes follow
 * @param sentAtMicros now by the client's clock, which is the server's: microseconds since 1970
 * @param patienceMillis how long the client waits for an answer from now on
 */
public record PushRequest(
    String plan, String name, long lengthBytes, long sentAtMicros, int patienceMillis) {
  private static final long MAGIC = 0x4C42_5055_5348_3031L;
  private static final int FIXED_BYTES = 8 + 8 + 4 + 8;
  private static final int MOST_TEXT_BYTES = 255;
  private static final int LEAST_PATIENCE_MILLIS = 500;
  private static final int ANSWER_MILLIS = 2000;

  /** Something that is said over the socket is not understood. */
  public static final class NotUnderstood extends IOException {
    private static final long serialVersionUID = 1;

    NotUnderstood(String message) {
      super(message);
    }
  }

  /** Checks the values. */
  public PushRequest {
    if (hasControl(plan) || hasControl(name)) {
      throw new IllegalArgumentException("No request: a name with control characters");
    }
    if (lengthBytes < 0 || patienceMillis <= 0) {
      throw new IllegalArgumentException(
          "No request: " + lengthBytes + " bytes, patience of " + patienceMillis + " ms");
    }
  }

  /**
   * The request for a file.
   *
   * @param timeoutSeconds how long the push may take; the service gives up a little earlier, and
   *     can say why
   */
  public static PushRequest of(String plan, Path file, long nowMillis, int timeoutSeconds)
      throws IOException {
    int patience = Math.max(LEAST_PATIENCE_MILLIS, timeoutSeconds * 1000 - ANSWER_MILLIS);
    String name = String.valueOf(file.getFileName());
    return new PushRequest(plan, name, Files.size(file), nowMillis * 1000, patience);
  }

  private static boolean hasControl(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  /** All of it but the file's bytes. */
  public ByteBuffer toBytes() {
    byte[] planBytes = text(plan);
    byte[] nameBytes = text(name);
    return ByteBuffer.allocate(FIXED_BYTES + 2 + planBytes.length + nameBytes.length)
        .putLong(MAGIC)
        .putLong(sentAtMicros)
        .putInt(patienceMillis)
        .putLong(lengthBytes)
        .put((byte) planBytes.length)
        .put(planBytes)
        .put((byte) nameBytes.length)
        .put(nameBytes)
        .flip();
  }

  private static byte[] text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MOST_TEXT_BYTES) {
      throw new IllegalArgumentException("Longer than a name may be: " + text);
    }
    return bytes;
  }

  /**
   * Reads one; not a byte of the file.
   *
   * @throws NotUnderstood if it is something else
   */
  public static PushRequest read(ReadableByteChannel from) throws IOException {
    ByteBuffer fixed = fully(from, FIXED_BYTES);
    if (fixed.getLong() != MAGIC) {
      throw new NotUnderstood("this is no push of WAL, or one of another version of Lifeboat");
    }
    long sentAt = fixed.getLong();
    int patience = fixed.getInt();
    long length = fixed.getLong();
    String plan = readText(from);
    String name = readText(from);
    try {
      return new PushRequest(plan, name, length, sentAt, patience);
    } catch (IllegalArgumentException e) {
      throw new NotUnderstood(String.valueOf(e.getMessage()));
    }
  }

  private static String readText(ReadableByteChannel from) throws IOException {
    int length = Byte.toUnsignedInt(fully(from, 1).get());
    return new String(fully(from, length).array(), StandardCharsets.UTF_8);
  }

  static ByteBuffer fully(ReadableByteChannel from, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (from.read(bytes) < 0) {
        throw new NotUnderstood("it ended " + bytes.remaining() + " bytes before it was complete");
      }
    }
    return bytes.flip();
  }
}
