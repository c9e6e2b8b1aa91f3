package io.lifeboat.crypto;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Reads and writes key files on POSIX file systems. A key file is written once, readable by its
 * owner only, and never replaced.
 */
public final class KeyFiles {
  /** Far above what Lifeboat writes; a larger file is something else. */
  private static final long MAX_BYTES = 256 * 1024;

  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private KeyFiles() {}

  /**
   * What was read, and what the operator should hear about the file.
   *
   * @param value the keys
   * @param warnings sentences; empty if all is well
   */
  public record Loaded<T>(T value, List<String> warnings) {
    /** Copies the list. */
    public Loaded {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * Writes a new file of mode 0600 that is whole and durable, or not there. Of two writers of one
   * name one wins.
   *
   * @throws PermanentException with {@link ErrorCode#KEY_FILE_EXISTS} if the name is taken; the
   *     file there is left alone
   */
  public static void write(Path file, String text) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IllegalArgumentException(file + " cannot be a key file");
    }
    try {
      Files.createDirectories(folder);
      FileAttribute<Set<PosixFilePermission>> ownerOnly =
          PosixFilePermissions.asFileAttribute(OWNER_ONLY);
      Path draft = Files.createTempFile(folder, ".key-", ".draft", ownerOnly);
      try {
        try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
          ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
          channel.force(true);
        }
        // A link fails if the name is taken, where a rename would replace what is there.
        Files.createLink(file, draft);
      } finally {
        Files.deleteIfExists(draft);
      }
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    } catch (FileAlreadyExistsException e) {
      throw new PermanentException(
          ErrorCode.KEY_FILE_EXISTS,
          "The key file " + file + " exists already and was left as it is",
          "Backups may depend on it. Keep it, or move it away yourself, or configure another path"
              + " under keys.",
          e);
    } catch (IOException | UnsupportedOperationException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "The key file " + file + " could not be written: " + e,
          "Choose a folder on a local file system that this user may write to.",
          e);
    }
  }

  /**
   * Reads a service key.
   *
   * @throws PermanentException with {@link ErrorCode#SERVICE_KEY_MISSING} if there is no such file,
   *     with {@link ErrorCode#KEY_FILE_INVALID} if it is no service key
   */
  public static Loaded<ServiceKey> readServiceKey(Path file) {
    return read(
        file,
        ServiceKey::parse,
        ErrorCode.SERVICE_KEY_MISSING,
        "Run `lifeboat init` once to make it, or restore it from its copy, or correct"
            + " keys.service.");
  }

  /**
   * Reads a whole recovery kit, which may be an age file under a passphrase.
   *
   * @throws PermanentException with {@link ErrorCode#RECOVERY_IDENTITY_MISSING} if there is no such
   *     file or nobody knows its passphrase, with {@link ErrorCode#KEY_MISMATCH} if the passphrase
   *     is wrong, with {@link ErrorCode#KEY_FILE_INVALID} if it is no recovery kit
   */
  public static Loaded<RecoveryKit> readRecoveryKit(Path file, PassphraseSource passphrases) {
    byte[] bytes = bytes(file, ErrorCode.RECOVERY_IDENTITY_MISSING, KIT_HINT);
    if (!AgeArmor.isAgeFile(bytes)) {
      return new Loaded<>(RecoveryKit.parse(file.toString(), text(file, bytes)), warnings(file));
    }
    byte[] plain;
    try {
      byte[] binary = AgeArmor.binary(bytes);
      plain = PassphraseFiles.decrypt(passphrases.ask(file.toString()), binary);
    } catch (PermanentException e) {
      ErrorCode code = e.code() == ErrorCode.OBJECT_DAMAGED ? ErrorCode.KEY_FILE_INVALID : e.code();
      throw new PermanentException(code, file + ": " + e.getMessage(), e.hint(), e);
    }
    return new Loaded<>(RecoveryKit.parse(file.toString(), text(file, plain)), warnings(file));
  }

  /** A kit that needs no passphrase. */
  public static Loaded<RecoveryKit> readRecoveryKit(Path file) {
    return readRecoveryKit(
        file,
        protectedFile -> {
          throw new PermanentException(
              ErrorCode.RECOVERY_IDENTITY_MISSING,
              "it is protected by a passphrase",
              "Give the passphrase, or the kit without one.");
        });
  }

  /** The text of a kit under a passphrase: an armored age file, which {@code age -d} opens too. */
  public static String protect(SecureRandom random, RecoveryKit kit, String passphrase) {
    byte[] plain = kit.fileText().getBytes(StandardCharsets.UTF_8);
    return AgeArmor.encode(new PassphraseFiles(random).encrypt(passphrase, plain));
  }

  private static <T> Loaded<T> read(
      Path file, BiFunction<String, String, T> parser, ErrorCode missing, String missingHint) {
    String text = text(file, bytes(file, missing, missingHint));
    return new Loaded<>(parser.apply(file.toString(), text), warnings(file));
  }

  private static byte[] bytes(Path file, ErrorCode missing, String missingHint) {
    try {
      if (Files.isRegularFile(file) && Files.size(file) > MAX_BYTES) {
        throw notAKeyFile(file, "it is larger than " + MAX_BYTES + " bytes");
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new PermanentException(missing, "There is no key file " + file, missingHint, e);
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "The key file " + file + " cannot be read: " + e,
          "Check the path and that the user who runs Lifeboat may read it.",
          e);
    }
  }

  private static String text(Path file, byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw notAKeyFile(file, "it is not text");
    }
  }

  private static List<String> warnings(Path file) {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (OWNER_ONLY.containsAll(permissions)) {
        return List.of();
      }
      return List.of(
          "Others than its owner may use the key file "
              + file
              + " ("
              + PosixFilePermissions.toString(permissions)
              + "): chmod 600 it.");
    } catch (UnsupportedOperationException e) {
      return List.of("This file system cannot tell who may read the key file " + file + ".");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PermanentException notAKeyFile(Path file, String reason) {
    return new PermanentException(
        ErrorCode.KEY_FILE_INVALID,
        file + " is no key file: " + reason,
        "Correct the path under keys.");
  }

  private static final String KIT_HINT =
      "Fetch the recovery kit that `lifeboat init` wrote, from where it is kept; four lines typed"
          + " from paper will do, and the page says which.";
}
