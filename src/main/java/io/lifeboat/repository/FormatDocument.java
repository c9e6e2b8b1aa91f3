package io.lifeboat.repository;

import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.crypto.XWingRecipient;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The object {@code format}: a signed text of this record as JSON with purpose {@code format},
 * signed by the admin key.
 *
 * @param lifeboat the format's version: 1
 * @param repository its id
 * @param features what a program must know to read, to write, to prune; one that lacks a feature
 *     refuses
 * @param recovery who can read: age recipients
 * @param maintenance who can read footers and reference lists
 * @param admin the admin key's public half
 * @param objects the plain objects beside it and their SHA-256
 */
record FormatDocument(
    int lifeboat,
    String repository,
    Instant createdAt,
    Features features,
    List<String> recovery,
    String maintenance,
    String admin,
    Map<String, String> objects) {
  static final String PURPOSE = "format";
  static final int VERSION = 1;

  FormatDocument {
    recovery = List.copyOf(recovery);
    objects = java.util.Collections.unmodifiableMap(new TreeMap<>(objects));
  }

  /** Names of what a program must know. */
  record Features(Set<String> read, Set<String> write, Set<String> prune) {
    /** What this version writes, and all it knows. */
    static final Features CURRENT = new Features(Set.of(), Set.of(), Set.of());

    Features {
      read = Set.copyOf(read);
      write = Set.copyOf(write);
      prune = Set.copyOf(prune);
    }
  }

  RepositoryId id() {
    return wellFormed(() -> RepositoryId.parse(repository));
  }

  /** Whom sessions are sealed to, until the log says otherwise. */
  Session.Recipients sessionRecipients() {
    return wellFormed(() ->
        new Session.Recipients(
            recovery.stream().map(XWingRecipient::parse).toList(),
            List.of(XWingRecipient.parse(maintenance))));
  }

  private static <T> T wellFormed(Supplier<T> parser) {
    try {
      return parser.get();
    } catch (IllegalArgumentException e) {
      throw Failures.damaged(Names.FORMAT, String.valueOf(e.getMessage()));
    }
  }

  byte[] sign(SigningKey admin) {
    return SignedText.sign(PURPOSE, Json.write(this), admin);
  }

  /**
   * Reads the object by the admin key that it names itself: for whoever has no key and moves
   * objects from one place to another.
   */
  static FormatDocument parseByItself(byte[] object) {
    SignedText.Parsed text = Failures.naming(Names.FORMAT, () -> SignedText.parse(object));
    FormatDocument format = Json.read(text.payload(), FormatDocument.class, Names.FORMAT);
    return parse(object, VerifyKey.parse(format.admin()));
  }

  /**
   * Reads and verifies the object; refuses formats and features that this version does not know.
   */
  static FormatDocument parse(byte[] object, VerifyKey admin) {
    SignedText.Parsed text = Failures.naming(Names.FORMAT, () -> SignedText.parse(object));
    if (!text.verify(PURPOSE, admin)) {
      throw new PermanentException(
          ErrorCode.KEY_MISMATCH,
          "The object `format` is not signed by our admin key "
              + admin.id()
              + " but names "
              + text.keyId(),
          "Either these keys belong to another repository, or somebody replaced or changed the"
              + " object. Compare the repository id in the recovery kit before you trust this"
              + " store.");
    }
    FormatDocument format = Json.read(text.payload(), FormatDocument.class, Names.FORMAT);
    boolean known =
        format.lifeboat() == VERSION
            && Features.CURRENT.read().containsAll(format.features().read())
            && Features.CURRENT.write().containsAll(format.features().write());
    if (!known) {
      throw new PermanentException(
          ErrorCode.REPOSITORY_TOO_NEW,
          "This repository has format " + format.lifeboat() + " with features " + format.features(),
          "Use the Lifeboat version that wrote it, or a newer one.");
    }
    return format;
  }
}
