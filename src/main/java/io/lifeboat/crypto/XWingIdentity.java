package io.lifeboat.crypto;

import java.security.SecureRandom;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.prng.FixedSecureRandom;
import org.bouncycastle.pqc.crypto.xwing.XWingKeyGenerationParameters;
import org.bouncycastle.pqc.crypto.xwing.XWingKeyPairGenerator;
import org.bouncycastle.pqc.crypto.xwing.XWingPublicKeyParameters;

/**
 * A post-quantum identity: the 32-byte seed of an X-Wing key pair (draft-connolly-cfrg-xwing-kem),
 * in age's text {@code AGE-SECRET-KEY-PQ-1…}. Immutable and safe for use by many threads.
 */
public final class XWingIdentity implements Identity {
  static final String PREFIX = "AGE-SECRET-KEY-PQ-";
  private static final int SEED_BYTES = 32;

  private final byte[] seed;
  private final AsymmetricCipherKeyPair keyPair;
  private final XWingRecipient recipient;

  private XWingIdentity(byte[] seed) {
    this.seed = seed;
    this.keyPair = keyPair(seed);
    this.recipient =
        new XWingRecipient(((XWingPublicKeyParameters) keyPair.getPublic()).getEncoded());
  }

  /** A new identity. */
  public static XWingIdentity generate(SecureRandom random) {
    byte[] seed = new byte[SEED_BYTES];
    random.nextBytes(seed);
    return new XWingIdentity(seed);
  }

  /**
   * Reads {@code AGE-SECRET-KEY-PQ-1…}.
   *
   * @throws IllegalArgumentException with the reason and without the secret, if the text is not
   *     exactly one such identity
   */
  public static XWingIdentity parse(String text) {
    return new XWingIdentity(Bech32.decode(PREFIX, text, SEED_BYTES));
  }

  @Override
  public XWingRecipient recipient() {
    return recipient;
  }

  @Override
  public String secretText() {
    return Bech32.encode(PREFIX, seed);
  }

  AsymmetricCipherKeyPair keyPair() {
    return keyPair;
  }

  private static AsymmetricCipherKeyPair keyPair(byte[] seed) {
    XWingKeyPairGenerator generator = new XWingKeyPairGenerator();
    generator.init(new XWingKeyGenerationParameters(new FixedSecureRandom(seed)));
    return generator.generateKeyPair();
  }

  /** Two identities are equal if their public halves are. */
  @Override
  public boolean equals(Object other) {
    return other instanceof XWingIdentity that && recipient.equals(that.recipient);
  }

  @Override
  public int hashCode() {
    return recipient.hashCode();
  }

  @Override
  public String toString() {
    return "XWingIdentity[secret, recipient " + recipient.fingerprint() + "]";
  }
}
