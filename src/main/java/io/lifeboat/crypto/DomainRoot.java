package io.lifeboat.crypto;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/**
 * The secret of one backup node from which the {@link DomainKey} of each of its sources is derived,
 * so that a lost service database or cache costs no deduplication. Immutable and safe for use by
 * many threads.
 *
 * <pre>
 * domain key = HKDF-SHA-256(root, no salt, "lifeboat domain-key v1" || 0x00 || repository id || 0x00 || source name)   32 bytes
 * </pre>
 */
public final class DomainRoot {
  static final String PREFIX = "LIFEBOAT-DOMAIN-ROOT-";
  private static final int ROOT_BYTES = 32;
  private static final byte[] NO_SALT = {};

  private final byte[] root;

  private DomainRoot(byte[] root) {
    this.root = root;
  }

  /** A new root. */
  public static DomainRoot generate(SecureRandom random) {
    byte[] root = new byte[ROOT_BYTES];
    random.nextBytes(root);
    return new DomainRoot(root);
  }

  /**
   * Reads {@code LIFEBOAT-DOMAIN-ROOT-1…}.
   *
   * @throws IllegalArgumentException with the reason and without the secret, if the text is not
   *     exactly one such root
   */
  public static DomainRoot parse(String text) {
    return new DomainRoot(Bech32.decode(PREFIX, text, ROOT_BYTES));
  }

  /** The {@code LIFEBOAT-DOMAIN-ROOT-1…} text of this root: secret, for key files only. */
  public String secretText() {
    return Bech32.encode(PREFIX, root);
  }

  /**
   * The key of the domain of one source in one repository; neither name may be empty or hold a NUL.
   */
  public DomainKey domainKey(String repositoryId, String sourceName) {
    if (repositoryId.isEmpty()
        || sourceName.isEmpty()
        || repositoryId.indexOf('\0') >= 0
        || sourceName.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "a domain is named by a repository id and a source name without NUL");
    }
    String info = "lifeboat domain-key v1\0" + repositoryId + "\0" + sourceName;
    return new DomainKey(
        Hkdf.SHA256.derive(
            root, NO_SALT, info.getBytes(StandardCharsets.UTF_8), DomainKey.KEY_BYTES));
  }

  /** Two roots are equal if they yield equal domain keys. */
  @Override
  public boolean equals(Object other) {
    return other instanceof DomainRoot that && sample().equals(that.sample());
  }

  @Override
  public int hashCode() {
    return sample().hashCode();
  }

  private DomainKey sample() {
    return domainKey("equality", "equality");
  }

  @Override
  public String toString() {
    return "DomainRoot[secret]";
  }
}
