package io.lifeboat.wal.push;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * What became of a file that was pushed; the connection ends with it.
 *
 * <pre>
 * answer := outcome 1 || length 2 || sentence
 * </pre>
 *
 * @param sentence for people: what it is, and what to do next; may be empty for a file that was
 *     taken
 */
public record PushAnswer(Outcome outcome, String sentence) {
  private static final int MOST_SENTENCE_BYTES = 4000;

  /** The kinds, with their codes. */
  public enum Outcome {
    /** It is durable where the plan says. The only one with which a client may exit with 0. */
    TAKEN(0),
    /** Not now: the same again later may be taken without anybody doing anything. */
    LATER(1),
    /** Somebody has to do something first. */
    REFUSED(2);

    private final int code;

    Outcome(int code) {
      this.code = code;
    }

    private static Outcome of(int code) throws PushRequest.NotUnderstood {
      for (Outcome outcome : values()) {
        if (outcome.code == code) {
          return outcome;
        }
      }
      throw new PushRequest.NotUnderstood("there is no outcome " + code);
    }
  }

  /** It is durable where the plan says. */
  public static PushAnswer taken(String sentence) {
    return new PushAnswer(Outcome.TAKEN, sentence);
  }

  /** Not now. */
  public static PushAnswer later(String sentence) {
    return new PushAnswer(Outcome.LATER, sentence);
  }

  /** Somebody has to do something first. */
  public static PushAnswer refused(String sentence) {
    return new PushAnswer(Outcome.REFUSED, sentence);
  }

  /** Whether the server may let go of the file. */
  public boolean isTaken() {
    return outcome == Outcome.TAKEN;
  }

  /** As it goes over the socket; of a sentence that is too long only its beginning. */
  public ByteBuffer toBytes() {
    byte[] text = sentence.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, MOST_SENTENCE_BYTES);
    return ByteBuffer.allocate(3 + length)
        .put((byte) outcome.code)
        .putShort((short) length)
        .put(text, 0, length)
        .flip();
  }

  /**
   * Reads one.
   *
   * @throws PushRequest.NotUnderstood if it is something else, or the connection ended before it
   */
  public static PushAnswer read(ReadableByteChannel from) throws IOException {
    ByteBuffer head = PushRequest.fully(from, 3);
    Outcome outcome = Outcome.of(head.get());
    int length = Short.toUnsignedInt(head.getShort());
    if (length > MOST_SENTENCE_BYTES) {
      throw new PushRequest.NotUnderstood("a sentence of " + length + " bytes");
    }
    byte[] text = PushRequest.fully(from, length).array();
    return new PushAnswer(outcome, new String(text, StandardCharsets.UTF_8));
  }
}
