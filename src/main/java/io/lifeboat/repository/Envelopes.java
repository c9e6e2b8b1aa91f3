package io.lifeboat.repository;

import io.lifeboat.crypto.AgeFiles;
import io.lifeboat.crypto.XWingIdentity;
import io.lifeboat.crypto.XWingRecipient;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.ObjectStore;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Opens the envelopes that keys lie in: the one beside the data, or, for an identity that came
 * later, the one that {@link Rewrap} has added for it. Each is opened once. Thread-safe.
 */
final class Envelopes {
  private static final Pattern ADDED =
      Pattern.compile(
          "k/([0-9a-f]{32}/[0-9a-f]{16}\\.[df]|domain-[0-9a-f]{32}/[0-9a-f]{16}\\.[ks])");

  private final ObjectStore store;
  private final AgeFiles age;
  private final Map<String, byte[]> opened = new ConcurrentHashMap<>();

  Envelopes(ObjectStore store, AgeFiles age) {
    this.store = store;
    this.age = age;
  }

  /** Whether an envelope that was added can have this name. */
  static boolean isAdded(String name) {
    return ADDED.matcher(name).matches();
  }

  /** Which key an envelope holds: the last letter of the name of an added one. */
  enum Part {
    /** A session's data key. */
    DATA("d"),
    /** A session's footer key. */
    FOOTER("f"),
    /** A domain key. */
    DOMAIN("k"),
    /** The key of a domain's summaries. */
    SUMMARY("s");

    private final String letter;

    Part(String letter) {
      this.letter = letter;
    }

    /** Where an envelope of this key for one recipient is added. */
    String name(String owner, XWingRecipient recipient) {
      String folder =
          switch (this) {
            case DATA, FOOTER -> owner;
            case DOMAIN, SUMMARY -> "domain-" + owner;
          };
      return Names.KEYS + folder + "/" + recipient.fingerprint() + "." + letter;
    }
  }

  /**
   * The key in an envelope.
   *
   * @param owner the session or domain that the key belongs to
   * @throws PermanentException with {@code KEY_MISMATCH} if it is for none of the identities
   */
  byte[] open(Part part, String owner, byte[] envelope, List<XWingIdentity> identities) {
    return opened.computeIfAbsent(
        HexFormat.of().formatHex(Hashes.sha256(envelope)),
        hash -> {
          try {
            return age.decrypt(identities, envelope);
          } catch (LifeboatException e) {
            if (e.code() != ErrorCode.KEY_MISMATCH) {
              throw e;
            }
            return added(part, owner, identities, e);
          }
        });
  }

  private byte[] added(
      Part part, String owner, List<XWingIdentity> identities, LifeboatException mismatch) {
    for (XWingIdentity identity : identities) {
      String name = part.name(owner, identity.recipient());
      if (store.head(name).isPresent()) {
        return Failures.naming(
            name, () -> age.decrypt(List.of(identity), store.get(name, ObjectLimits.OTHER_BYTES)));
      }
    }
    throw new PermanentException(
        ErrorCode.KEY_MISMATCH,
        mismatch.getMessage()
            + ", and none was added below "
            + Names.KEYS
            + " for them ("
            + owner
            + ")",
        "Use the recovery kit of this repository. If the identity was added later, run `lifeboat"
            + " rewrap` with a kit that can read everything.",
        mismatch);
  }
}
