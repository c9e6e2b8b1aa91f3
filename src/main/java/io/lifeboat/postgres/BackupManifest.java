package io.lifeboat.postgres;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The server's own list of what it sent: each file with its size and SHA-256, and the WAL that a
 * copy needs. Versions 1 and 2.
 *
 * @param systemIdentifier unsigned, as decimal text; from version 2 (PostgreSQL 17) on
 * @see <a href="https://www.postgresql.org/docs/current/backup-manifest-format.html">Backup
 *     manifest format</a>
 */
public record BackupManifest(
    int version,
    Optional<String> systemIdentifier,
    Map<BaseBackupPath, Entry> files,
    List<WalRange> walRanges) {
  private static final int MOST_NAMED = 20;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
          .build();

  /** Makes the lists unmodifiable. */
  public BackupManifest {
    files = Collections.unmodifiableMap(files);
    walRanges = List.copyOf(walRanges);
  }

  /**
   * One file.
   *
   * @param sha256 32 bytes; empty for one that was put together of an incremental backup and its
   *     parent. A server's own manifest has it for each.
   */
  public record Entry(long sizeBytes, Optional<byte[]> sha256) {}

  /**
   * WAL of one timeline that a copy needs to become consistent.
   *
   * @param end exclusive
   */
  public record WalRange(int timeline, Lsn start, Lsn end) {}

  /**
   * Reads a manifest and checks the checksum that it carries of itself.
   *
   * @throws PermanentException {@code MANIFEST_MISMATCH} if it is damaged or of an unknown kind
   */
  public static BackupManifest parse(byte[] bytes) {
    Document document;
    try {
      document = JSON.readValue(bytes, Document.class);
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.MANIFEST_MISMATCH,
          "backup_manifest cannot be read: " + ConnectionFailures.sentence(e),
          "The backup is not usable; take or choose another one.",
          e);
    }
    if (document.version() < 1 || document.version() > 2) {
      throw mismatch("backup_manifest has version " + document.version() + ", not 1 or 2");
    }
    byte[] stated = hex(document.checksum(), "backup_manifest's own checksum");
    if (!MessageDigest.isEqual(stated, checksumOfAllButTheLastLine(bytes))) {
      throw mismatch("backup_manifest does not match its own checksum");
    }
    return document.model();
  }

  /**
   * Compares what arrived with this manifest: all files must be there with their size and, where it
   * has one, their SHA-256, none may be there that it does not name but WAL, and the WAL of every
   * range must be there.
   *
   * @param found every file of the backup but the manifest
   * @return what is wrong, a sentence each; empty if nothing is
   */
  public List<String> problems(Map<BaseBackupPath, FileFacts> found) {
    return new ManifestComparison(this, found).problems();
  }

  /**
   * The same for backups that are about to be kept, with the server's own manifest: it must have a
   * SHA-256 of every file.
   *
   * @throws PermanentException {@code MANIFEST_MISMATCH}, naming up to twenty of the files
   */
  public void verify(Map<BaseBackupPath, FileFacts> found) {
    List<String> problems = new ArrayList<>(problems(found));
    files.forEach((path, entry) -> {
      if (entry.sha256().isEmpty()) {
        problems.add("the server sent no checksum of " + path);
      }
    });
    if (!problems.isEmpty()) {
      String more =
          problems.size() > MOST_NAMED
              ? " and " + (problems.size() - MOST_NAMED) + " more problems"
              : "";
      throw mismatch(
          "The base backup is not what the server says it sent: "
              + String.join("; ", problems.subList(0, Math.min(problems.size(), MOST_NAMED)))
              + more);
    }
  }

  /** How many files have a size only. */
  public long withoutHash() {
    return files.values().stream().filter(entry -> entry.sha256().isEmpty()).count();
  }

  private static PermanentException mismatch(String fact) {
    return new PermanentException(
        ErrorCode.MANIFEST_MISMATCH,
        fact,
        "This backup must not be relied upon. Take another; if that fails in the same way, check"
            + " the memory and disks of both machines.");
  }

  /** "Manifest-Checksum" stands alone in the last line, and covers every line before it. */
  private static byte[] checksumOfAllButTheLastLine(byte[] bytes) {
    int end = bytes.length;
    int newlines = 0;
    while (end > 0 && newlines < 2) {
      end--;
      newlines += bytes[end] == '\n' ? 1 : 0;
    }
    if (newlines < 2 || bytes[bytes.length - 1] != '\n') {
      throw mismatch("backup_manifest does not end with a line for its checksum");
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, 0, end + 1);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  private static byte[] hex(String text, String what) {
    try {
      return HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException e) {
      throw mismatch(what + " is not hexadecimal: " + text);
    }
  }

  private record Document(
      @JsonProperty("PostgreSQL-Backup-Manifest-Version") int version,
      @JsonProperty("System-Identifier") Optional<String> systemIdentifier,
      @JsonProperty("Files") List<FileLine> files,
      @JsonProperty("WAL-Ranges") List<RangeLine> ranges,
      @JsonProperty("Manifest-Checksum") String checksum) {
    BackupManifest model() {
      var byPath = new TreeMap<BaseBackupPath, Entry>();
      for (FileLine line : files) {
        if (byPath.put(line.path(), line.entry()) != null) {
          throw mismatch("backup_manifest names " + line.path() + " twice");
        }
      }
      var walRanges = new ArrayList<WalRange>();
      for (RangeLine line : ranges) {
        walRanges.add(line.range());
      }
      return new BackupManifest(version, systemIdentifier, byPath, walRanges);
    }
  }

  private record FileLine(
      @JsonProperty("Path") Optional<String> plainPath,
      @JsonProperty("Encoded-Path") Optional<String> encodedPath,
      @JsonProperty("Size") long sizeBytes,
      @JsonProperty("Last-Modified") Optional<String> modifiedAt,
      @JsonProperty("Checksum-Algorithm") Optional<String> algorithm,
      @JsonProperty("Checksum") Optional<String> checksum) {
    BaseBackupPath path() {
      byte[] bytes =
          plainPath
              .map(text -> text.getBytes(StandardCharsets.UTF_8))
              .or(() -> encodedPath.map(text -> hex(text, "a path of backup_manifest")))
              .orElseThrow(() -> mismatch("backup_manifest has a file without a path"));
      try {
        return BaseBackupPath.ofManifest(bytes);
      } catch (IllegalArgumentException e) {
        throw mismatch("backup_manifest names a path that leads elsewhere");
      }
    }

    Entry entry() {
      if (algorithm.isEmpty() && checksum.isEmpty()) {
        return new Entry(sizeBytes, Optional.empty());
      }
      if (!algorithm.equals(Optional.of("SHA256")) || checksum.isEmpty()) {
        throw mismatch("backup_manifest has no SHA-256 of " + path());
      }
      byte[] sha256 = hex(checksum.get(), "backup_manifest's checksum of " + path());
      return new Entry(sizeBytes, Optional.of(sha256));
    }
  }

  private record RangeLine(
      @JsonProperty("Timeline") int timeline,
      @JsonProperty("Start-LSN") String start,
      @JsonProperty("End-LSN") String end) {
    WalRange range() {
      try {
        return new WalRange(timeline, Lsn.parse(start), Lsn.parse(end));
      } catch (IllegalArgumentException e) {
        throw mismatch("backup_manifest has a WAL range that is none: " + start + " to " + end);
      }
    }
  }
}
