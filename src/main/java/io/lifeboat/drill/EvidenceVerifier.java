package io.lifeboat.drill;

import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.error.LifeboatException;
import java.util.Collection;
import java.util.Optional;

/** Tells whether a file is evidence that one of our keys signed, without anything but that key. */
public final class EvidenceVerifier {
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
    EvidenceDocument document;
    try {
      document = EvidenceDocument.parse(signed);
    } catch (LifeboatException e) {
      return Verification.invalid(String.valueOf(e.getMessage()));
    }
    EvidenceDocument.Signature signature = document.signature(trusted);
    String reason =
        switch (signature) {
          case TRUSTED -> "signed by key " + document.keyId();
          case BROKEN -> "key " + document.keyId() + " did not sign this text: it was altered";
          case UNTRUSTED -> untrusted(document.keyId());
        };
    return new Verification(
        signature == EvidenceDocument.Signature.TRUSTED,
        document.drill(),
        document.verdict(),
        document.level(),
        document.keyId(),
        reason);
  }

  static String untrusted(String keyId) {
    return "its signature is of key " + keyId + ", which is not one of the trusted keys";
  }
}
