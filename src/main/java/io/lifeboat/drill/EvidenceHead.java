package io.lifeboat.drill;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Says where the chain of a repository's evidence ended at some time, so that the newest records
 * cannot be taken away unnoticed: one JSON object as evidence is, signed as {@link SignedText} for
 * the purpose {@value #PURPOSE}.
 *
 * @param repository its id
 * @param count how many records the chain had: the number of the last
 * @param last SHA-256 of the last signed document, in hexadecimal; 64 zeros if there was none
 * @param at when that was so
 * @param keys public keys of whoever signed any of them
 * @param unchained SHA-256 of documents of before there was a chain
 */
public record EvidenceHead(
    String repository,
    long count,
    String last,
    Instant at,
    List<String> keys,
    List<String> unchained) {
  static final String SCHEMA = "lifeboat.evidence-head.v1";
  static final String PURPOSE = "evidence-head";
  private static final String HASH = "sha256:";

  /** Copies the lists. */
  public EvidenceHead {
    keys = List.copyOf(keys);
    unchained = List.copyOf(unchained);
  }

  /** The signed document. */
  public byte[] sign(SigningKey signer) {
    Map<String, Object> head = new TreeMap<>();
    head.put("schema", SCHEMA);
    head.put("repository", repository);
    head.put("count", count);
    head.put("last", HASH + last);
    head.put("at", at.toString());
    head.put("keys", keys);
    head.put("unchained", unchained.stream().map(hash -> HASH + hash).toList());
    head.put("toolVersion", EvidenceRecord.toolVersion());
    return SignedText.sign(PURPOSE, CanonicalJson.write(head), signer);
  }

  /**
   * A head as it was signed, read.
   *
   * @param keyId of the key that its signature names
   * @param signature what that is worth
   */
  public record Signed(EvidenceHead head, String keyId, EvidenceDocument.Signature signature) {}

  /**
   * Reads a signed head.
   *
   * @throws PermanentException with code {@code EVIDENCE_INVALID} if it has not the form of one
   */
  public static Signed parse(byte[] bytes, Collection<VerifyKey> trusted) {
    try {
      SignedText.Parsed signed = SignedText.parse(bytes);
      JsonNode content = CanonicalJson.read(signed.payload());
      String schema = content.path("schema").asText();
      if (!schema.equals(SCHEMA)) {
        throw new IllegalArgumentException("its schema is \"" + schema + "\", not " + SCHEMA);
      }
      if (!content.path("count").canConvertToLong() || content.path("count").asLong() < 0) {
        throw new IllegalArgumentException("it does not say how many records there were");
      }
      var head =
          new EvidenceHead(
              content.path("repository").asText(),
              content.path("count").asLong(),
              hash(content.path("last").asText()),
              Instant.parse(content.path("at").asText()),
              texts(content.path("keys")),
              texts(content.path("unchained")).stream().map(EvidenceHead::hash).toList());
      return new Signed(
          head, signed.keyId(), EvidenceDocument.Signature.of(signed, PURPOSE, trusted));
    } catch (IllegalArgumentException | DateTimeException | LifeboatException e) {
      throw new PermanentException(
          ErrorCode.EVIDENCE_INVALID,
          String.valueOf(e.getMessage()),
          "Export the evidence again: `lifeboat evidence export --target FOLDER`.",
          e);
    }
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static String hash(String text) {
    if (!text.matches("sha256:[0-9a-f]{64}")) {
      throw new IllegalArgumentException("\"" + text + "\" is no hash");
    }
    return text.substring(HASH.length());
  }
}
