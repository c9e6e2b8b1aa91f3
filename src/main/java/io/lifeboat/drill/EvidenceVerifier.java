package io.lifeboat.drill;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.error.LifeboatException;
import java.io.IOException;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeMap;

/** Tells whether a file is evidence that one of our keys signed, without anything but that key. */
public final class EvidenceVerifier {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private EvidenceVerifier() {}

  /**
   * What a file turned out to be.
   *
   * @param valid whether it is evidence, unchanged, and signed by one of the keys
   * @param drill the drill's id, as far as it could be read
   * @param verdict as far as it could be read
   * @param level the highest proven, if any
   * @param keyId the key that its signature names, as far as it could be read
   * @param reason why it is not valid, or what it shows
   */
  public record Verification(
      boolean valid,
      String drill,
      Verdict verdict,
      Optional<ProofLevel> level,
      String keyId,
      String reason) {
    private static Verification invalid(String reason) {
      return new Verification(false, "", Verdict.ERROR, Optional.empty(), "", reason);
    }
  }

  /**
   * Verifies a signed document.
   *
   * @param trusted keys whose evidence counts: without any, nothing is valid
   */
  public static Verification verify(byte[] signed, Collection<VerifyKey> trusted) {
    SignedText.Parsed document;
    try {
      document = SignedText.parse(signed);
    } catch (LifeboatException e) {
      return Verification.invalid(String.valueOf(e.getMessage()));
    }
    boolean isSigned =
        trusted.stream().anyMatch(key -> document.verify(EvidenceRecord.PURPOSE, key));
    return read(document, isSigned);
  }

  private static Verification read(SignedText.Parsed document, boolean isSigned) {
    JsonNode record;
    try {
      record = JSON.readTree(document.payload());
      Object tree = JSON.treeToValue(record, Object.class);
      if (!record.isObject()
          || !EvidenceRecord.json(new TreeMap<>((java.util.Map<?, ?>) tree))
              .equals(document.payload())) {
        return Verification.invalid("its text is not in the one form that evidence has");
      }
    } catch (IOException e) {
      return Verification.invalid("its text is no JSON: " + e.getMessage());
    }
    String schema = record.path("schema").asText();
    if (!schema.equals(EvidenceRecord.SCHEMA)) {
      return Verification.invalid("its schema is \"" + schema + "\", not " + EvidenceRecord.SCHEMA);
    }
    String drill = record.path("drill").asText();
    Optional<Verdict> verdict = constant(Verdict.values(), record.path("verdict").asText());
    Optional<ProofLevel> level = constant(ProofLevel.values(), record.path("level").asText());
    if (verdict.isEmpty() || drill.isEmpty()) {
      return Verification.invalid("it names no drill or no verdict");
    }
    String reason =
        isSigned
            ? "signed by key " + document.keyId()
            : "its signature, of key "
                + document.keyId()
                + ", is not one of a trusted key over this text";
    return new Verification(isSigned, drill, verdict.get(), level, document.keyId(), reason);
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
