package io.lifeboat.drill;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A signed record of a drill, read. Reading proves nothing: {@link #signature} tells whether
 * somebody who is trusted signed it. Immutable.
 */
public final class EvidenceDocument {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,99}");
  private static final Pattern HASH = Pattern.compile("sha256:[0-9a-f]{64}");

  private final byte[] bytes;
  private final SignedText.Parsed signed;
  private final JsonNode content;

  private EvidenceDocument(byte[] bytes, SignedText.Parsed signed, JsonNode content) {
    this.bytes = bytes.clone();
    this.signed = signed;
    this.content = content;
  }

  /** What a signature is worth. */
  public enum Signature {
    /** A trusted key made it over exactly this text. */
    TRUSTED,
    /** It names a trusted key, which did not sign this text. */
    BROKEN,
    /** It names a key that is not trusted. */
    UNTRUSTED;

    static Signature of(SignedText.Parsed text, String purpose, Collection<VerifyKey> trusted) {
      if (trusted.stream().noneMatch(key -> key.id().equals(text.keyId()))) {
        return UNTRUSTED;
      }
      return trusted.stream().anyMatch(key -> text.verify(purpose, key)) ? TRUSTED : BROKEN;
    }
  }

  /**
   * Reads a document.
   *
   * @throws PermanentException with code {@code EVIDENCE_INVALID} if it has not the form of one
   */
  public static EvidenceDocument parse(byte[] bytes) {
    try {
      SignedText.Parsed signed = SignedText.parse(bytes);
      JsonNode content = CanonicalJson.read(signed.payload());
      requireForm(content);
      return new EvidenceDocument(bytes, signed, content);
    } catch (IllegalArgumentException | LifeboatException e) {
      throw new PermanentException(
          ErrorCode.EVIDENCE_INVALID,
          String.valueOf(e.getMessage()),
          "Fetch it again: `lifeboat evidence show DRILL` prints it as it was signed.",
          e);
    }
  }

  private static void requireForm(JsonNode content) {
    String schema = content.path("schema").asText();
    boolean chained = schema.equals(EvidenceRecord.SCHEMA);
    if (!chained && !schema.equals(EvidenceRecord.UNCHAINED_SCHEMA)) {
      throw new IllegalArgumentException(
          "its schema is \"" + schema + "\", not " + EvidenceRecord.SCHEMA);
    }
    if (!NAME.matcher(content.path("drill").asText()).matches()
        || constant(Verdict.values(), content.path("verdict").asText()).isEmpty()) {
      throw new IllegalArgumentException("it names no drill or no verdict");
    }
    if (!HASH.matcher(content.path("prev").asText()).matches()
        || chained
            && (!content.path("number").canConvertToLong()
                || content.path("number").asLong() < 1
                || !NAME.matcher(content.path("repository").asText()).matches())) {
      throw new IllegalArgumentException("it does not say which evidence was before it");
    }
    requireTime(content, "requestedAt");
    requireTime(content, "finishedAt");
    if (content.has("validUntil")) {
      requireTime(content, "validUntil");
    }
  }

  private static void requireTime(JsonNode content, String field) {
    try {
      Instant.parse(content.path(field).asText());
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("its " + field + " is no time", e);
    }
  }

  /** What its signature is worth to whoever trusts these keys. */
  public Signature signature(Collection<VerifyKey> trusted) {
    return Signature.of(signed, EvidenceRecord.PURPOSE, trusted);
  }

  /** It, byte for byte. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** SHA-256 of it, in hexadecimal: what the next one names. */
  public String sha256() {
    return PlanDigest.sha256(bytes);
  }

  /** The JSON object that was signed. */
  public JsonNode content() {
    return content;
  }

  /** The id of the key that its signature names. */
  public String keyId() {
    return signed.keyId();
  }

  /** Its place among the evidence of its repository; 0 for evidence of before there was a chain. */
  public long number() {
    return content.path("number").asLong();
  }

  /** The SHA-256 that it names of the one before it, in hexadecimal. */
  public String previous() {
    return content.path("prev").asText().substring("sha256:".length());
  }

  /** The id of its repository; empty for evidence of before there was a chain. */
  public String repository() {
    return content.path("repository").asText();
  }

  /** The drill's id: letters, digits, {@code -} and {@code _} only. */
  public String drill() {
    return content.path("drill").asText();
  }

  /** What the drill found. */
  public Verdict verdict() {
    return constant(Verdict.values(), content.path("verdict").asText()).orElseThrow();
  }

  /** The highest level that was proven. */
  public Optional<ProofLevel> level() {
    return constant(ProofLevel.values(), content.path("level").asText());
  }

  /** When the drill was asked for. */
  public Instant requestedAt() {
    return Instant.parse(content.path("requestedAt").asText());
  }

  /** When it ended. */
  public Instant finishedAt() {
    return Instant.parse(content.path("finishedAt").asText());
  }

  private static <E extends Enum<E>> Optional<E> constant(E[] constants, String name) {
    for (E constant : constants) {
      if (constant.name().equals(name)) {
        return Optional.of(constant);
      }
    }
    return Optional.empty();
  }
}
