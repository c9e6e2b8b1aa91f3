package io.lifeboat.crypto;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What {@code recovery-kit.txt} holds: the identities that read all data, and the admin key, or of
 * the latter only what proves whose the data is; offline, best on paper. The file is readable to a
 * person, fits one A4 page of 80 columns, and is an age identity file: its lines are identities or
 * begin with {@code #}.
 *
 * @param identities each reads everything alone; at least one, no two alike
 * @param admin the public half of the key that signs formats, writers and recipients: everything in
 *     a repository hangs on it
 * @param adminSecret the key itself; absent from a kit that may only read
 * @param repositories where the backups lie; for the person who restores
 * @param created the day the kit was made
 */
public record RecoveryKit(
    List<XWingIdentity> identities,
    VerifyKey admin,
    Optional<SigningKey> adminSecret,
    List<KnownRepository> repositories,
    LocalDate created) {
  private static final String FORMAT_LINE = "# Lifeboat recovery kit, format 1";
  private static final String CREATED = "# created: ";
  private static final String REPOSITORY = "# repository: ";
  private static final String STORE = "# store: ";
  private static final String ADMIN_PREFIX = "LIFEBOAT-ADMIN-";
  private static final String ADMIN = "# " + ADMIN_PREFIX + "1";
  private static final String ADMIN_PUBLIC = "# " + VerifyKey.PREFIX + "1";

  /**
   * Where a repository lies.
   *
   * @param id its id
   * @param store what {@code --store} takes: {@code folder:PATH} or {@code
   *     s3:ENDPOINT/BUCKET/PREFIX}; no credentials
   */
  public record KnownRepository(String id, String store) {
    /** Checks that both fit a line. */
    public KnownRepository {
      for (String value : List.of(id, store)) {
        if (value.isBlank()
            || !value.equals(value.strip())
            || value.codePoints().anyMatch(Character::isISOControl)) {
          throw new IllegalArgumentException(
              "a repository's id and store must each be one line of text");
        }
      }
    }

    /** The store as a shell takes it for one word. */
    public String quotedStore() {
      return "'" + store.replace("'", "'\\''") + "'";
    }
  }

  /** Checks that there is an identity. */
  public RecoveryKit {
    identities = List.copyOf(identities);
    repositories = List.copyOf(repositories);
    if (identities.isEmpty() || identities.stream().distinct().count() != identities.size()) {
      throw new IllegalArgumentException(
          "a recovery kit holds at least one identity, and none twice");
    }
    if (adminSecret.filter(secret -> !secret.verifyKey().equals(admin)).isPresent()) {
      throw new IllegalArgumentException("the two halves of the admin key do not belong together");
    }
  }

  /** A kit of two fresh identities, so that one can be kept apart, and a fresh admin key. */
  public static RecoveryKit generate(
      SecureRandom random, List<KnownRepository> repositories, LocalDate today) {
    SigningKey admin = SigningKey.generate(random);
    return new RecoveryKit(
        List.of(XWingIdentity.generate(random), XWingIdentity.generate(random)),
        admin.verifyKey(),
        Optional.of(admin),
        repositories,
        today);
  }

  /** A kit of one fresh identity that reads what this kit's admin key signs, and signs nothing. */
  public RecoveryKit another(SecureRandom random, LocalDate today) {
    return new RecoveryKit(
        List.of(XWingIdentity.generate(random)), admin, Optional.empty(), repositories, today);
  }

  /**
   * The admin key, for whoever wants to change who writes and reads.
   *
   * @throws PermanentException with code {@code RECOVERY_IDENTITY_MISSING}
   */
  public SigningKey requireAdmin() {
    return adminSecret.orElseThrow(() ->
        new PermanentException(
            ErrorCode.RECOVERY_IDENTITY_MISSING,
            "This recovery kit reads only: it has the public half of the admin key "
                + admin.id()
                + ", and this needs the key itself",
            "Use the kit that `lifeboat init` wrote: it has a line with LIFEBOAT-ADMIN-1."));
  }

  /** Whom data is to be encrypted to. */
  public List<XWingRecipient> recipients() {
    return identities.stream().map(XWingIdentity::recipient).toList();
  }

  /** The admin key's line, without what makes it a comment: its secret if the kit has it. */
  public String adminText() {
    return adminSecret.map(secret -> secret.secretText(ADMIN_PREFIX)).orElseGet(admin::text);
  }

  /** The text of the file {@code recovery-kit.txt}: secret. */
  public String fileText() {
    List<String> lines = new ArrayList<>();
    lines.add(FORMAT_LINE);
    lines.add(CREATED + created);
    lines.addAll(
        """
        #
        # WHAT THIS IS. The keys to your backups. Whoever has one of the lines that
        # begin with AGE-SECRET-KEY-PQ-1 can read all of them. Without such a line
        # nobody can, and nobody can help you.
        #
        # HOW TO KEEP IT. Print this page, or copy the file to a medium that you lock
        # away, apart from the machines that are backed up. Two people should know
        # where. Then delete the file from the backup host, which needs no key to read.
        # The admin key and one identity are enough, so the other can be kept elsewhere.
        # The access keys of the store are not on this page: keep them beside it.
        # Try it once a year.
        #
        # TO RESTORE. On any machine with Java 25 and Lifeboat, this file beside you:\
        """
            .lines()
            .toList());
    for (KnownRepository repository :
        repositories.isEmpty() ? List.of(SOME_REPOSITORY) : repositories) {
      lines.add("#   lifeboat restore --identity recovery-kit.txt \\");
      lines.add("#     --store " + repository.quotedStore() + " \\");
      lines.add("#     --source SOURCE --target FOLDER");
    }
    lines.addAll(
        """
        # `lifeboat snapshots` with the same --store and --identity lists the sources.
        # TYPED FROM PAPER. Four lines are enough: the first two of this page, the one
        # with LIFEBOAT-ADMIN-1, which proves that the backups are yours, and one with
        # AGE-SECRET-KEY-PQ-1. Typing errors are noticed; the letters b, i, o and the
        # digit 1 never occur after the first 1.
        # Without Lifeboat: the store holds its own format in README.txt and spec/, and
        # age 1.3 or later opens its envelopes with: age -d -i recovery-kit.txt
        #\
        """
            .lines()
            .toList());
    for (KnownRepository repository : repositories) {
      lines.add(REPOSITORY + repository.id);
      lines.add(STORE + repository.store);
    }
    lines.add("#");
    if (adminSecret.isPresent()) {
      lines.add("# The admin key " + admin.id() + ". It signs and proves, and reads nothing:");
    } else {
      lines.add("# The public half of the admin key " + admin.id() + ", which proves:");
    }
    lines.add("# " + adminText());
    for (int i = 0; i < identities.size(); i++) {
      lines.add("#");
      lines.add(
          "# Identity "
              + (i + 1)
              + " of "
              + identities.size()
              + ", "
              + identities.get(i).recipient().fingerprint()
              + ":");
      lines.add(identities.get(i).secretText());
    }
    return String.join("\n", lines) + "\n";
  }

  /**
   * Reads the text of a whole kit.
   *
   * @param file how to name the file in errors
   * @throws PermanentException with {@code KEY_FILE_INVALID} that names the line and what to do
   */
  public static RecoveryKit parse(String file, String text) {
    KeyFileLines lines = KeyFileLines.of(file, text);
    if (lines.lines().isEmpty() || !lines.lines().getFirst().strip().equals(FORMAT_LINE)) {
      throw lines.invalid(
          0,
          "expected \"" + FORMAT_LINE + "\"",
          "Check that this is the recovery kit; a newer format needs a newer Lifeboat.");
    }
    List<XWingIdentity> identities = parseIdentities(lines);
    Optional<SigningKey> secret = Optional.empty();
    Optional<VerifyKey> admin = Optional.empty();
    Optional<LocalDate> created = Optional.empty();
    List<KnownRepository> repositories = new ArrayList<>();
    for (int i = 0; i < lines.lines().size(); i++) {
      String line = lines.lines().get(i).strip();
      if (line.startsWith(ADMIN) || line.startsWith(ADMIN_PUBLIC)) {
        if (admin.isPresent()) {
          throw lines.invalid(i, "a second admin key", "Keep the one that lifeboat init wrote.");
        }
        String value = line.substring(2);
        if (line.startsWith(ADMIN)) {
          secret =
              Optional.of(
                  lines.key(i, "admin key", key -> SigningKey.parse(ADMIN_PREFIX, key), value));
          admin = secret.map(SigningKey::verifyKey);
        } else {
          admin = Optional.of(lines.key(i, "admin key's public half", VerifyKey::parse, value));
        }
      } else if (line.startsWith(CREATED)) {
        created = Optional.of(date(lines, i, line.substring(CREATED.length())));
      } else if (line.startsWith(REPOSITORY)) {
        String next = i + 1 < lines.lines().size() ? lines.lines().get(i + 1).strip() : "";
        if (!next.startsWith(STORE)) {
          throw lines.invalid(
              i,
              "the next line does not say where the repository lies",
              "It begins with \"" + STORE + "\".");
        }
        repositories.add(
            lines.key(
                i,
                "repository",
                id -> new KnownRepository(id, next.substring(STORE.length())),
                line.substring(REPOSITORY.length())));
      }
    }
    return new RecoveryKit(
        identities,
        admin.orElseThrow(
            () -> lines.incomplete("admin key (a line that begins with \"" + ADMIN + "\")")),
        secret,
        repositories,
        created.orElseThrow(() -> lines.incomplete("line that begins with \"" + CREATED + "\"")));
  }

  private static List<XWingIdentity> parseIdentities(KeyFileLines lines) {
    List<XWingIdentity> identities = new ArrayList<>();
    for (int i : IntStream.range(0, lines.lines().size()).toArray()) {
      String line = lines.lines().get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      XWingIdentity identity = lines.key(i, "recovery identity", XWingIdentity::parse, line);
      if (!identities.contains(identity)) {
        identities.add(identity);
      }
    }
    if (identities.isEmpty()) {
      throw lines.incomplete(
          "recovery identity (a line that begins with \"" + XWingIdentity.PREFIX + "1\")");
    }
    return List.copyOf(identities);
  }

  private static LocalDate date(KeyFileLines lines, int index, String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw lines.invalid(index, "this is not a date", "Write it as 2026-11-23.");
    }
  }

  private static final KnownRepository SOME_REPOSITORY = new KnownRepository("-", "STORE");
}
