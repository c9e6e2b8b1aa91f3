package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.BackupManifest.WalRange;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BackupManifestTest {
  private static final String FILES =
      """
      { "Path": "PG_VERSION", "Size": 3, "Last-Modified": "2026-11-23 20:00:00 GMT", "Checksum-Algorithm": "SHA256", "Checksum": "%s" },
      { "Encoded-Path": "6261ff7365", "Size": 3, "Last-Modified": "2026-11-23 20:00:00 GMT", "Checksum-Algorithm": "SHA256", "Checksum": "%s" },
      { "Path": "pg_tblspc/16389/PG_18_1/5/1", "Size": 3, "Last-Modified": "2026-11-23 20:00:00 GMT", "Checksum-Algorithm": "SHA256", "Checksum": "%s" }
      """
          .formatted(sha256Hex("18\n"), sha256Hex("18\n"), sha256Hex("18\n"));
  private static final String RANGES =
      "{ \"Timeline\": 1, \"Start-LSN\": \"0/2000028\", \"End-LSN\": \"0/4000000\" }";
  private static final byte[] ODD_NAME = {'b', 'a', (byte) 0xFF, 's', 'e'};

  @Test
  void bothVersionsAreRead() {
    BackupManifest first = BackupManifest.parse(manifest("1", "", FILES, RANGES));
    BackupManifest second =
        BackupManifest.parse(
            manifest("2", "\"System-Identifier\": 7500000000000000001,\n", FILES, RANGES));

    assertThat(first.systemIdentifier()).isEmpty();
    assertThat(second.systemIdentifier()).contains("7500000000000000001");
    assertThat(second.walRanges())
        .containsExactly(new WalRange(1, Lsn.parse("0/2000028"), Lsn.parse("0/4000000")));
    assertThat(second.files().keySet())
        .containsExactlyInAnyOrder(
            BaseBackupPath.inData("PG_VERSION"),
            BaseBackupPath.of(Optional.empty(), ODD_NAME),
            BaseBackupPath.of(Optional.of(16389L), "PG_18_1/5/1".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void anyChangedByteIsFound() {
    byte[] good = manifest("2", "\"System-Identifier\": 1,\n", FILES, RANGES);
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 1;
      assertThat(codeOf(bad)).as("byte %d", i).isEqualTo(ErrorCode.MANIFEST_MISMATCH);
    }
  }

  @Test
  void aManifestWithNothingWhereAFileOrARangeShouldBeIsRefused() {
    assertThat(codeOf(manifest("1", "", "null", RANGES))).isEqualTo(ErrorCode.MANIFEST_MISMATCH);
    assertThat(codeOf(manifest("1", "", FILES, "null"))).isEqualTo(ErrorCode.MANIFEST_MISMATCH);
  }

  @Test
  void aManifestThatEndsTooEarlyIsFound() {
    byte[] good = manifest("2", "\"System-Identifier\": 1,\n", FILES, RANGES);
    for (int length = 0; length < good.length; length++) {
      assertThat(codeOf(Arrays.copyOf(good, length)))
          .as("%d bytes", length)
          .isEqualTo(ErrorCode.MANIFEST_MISMATCH);
    }
  }

  @Test
  void aVersionOfTheFutureIsRefused() {
    assertThat(codeOf(manifest("3", "", FILES, RANGES))).isEqualTo(ErrorCode.MANIFEST_MISMATCH);
  }

  @Test
  void aFileNamedTwiceIsRefused() {
    String line = FILES.substring(0, FILES.indexOf(",\n") + 2);
    assertThat(codeOf(manifest("1", "", line + FILES, RANGES)))
        .isEqualTo(ErrorCode.MANIFEST_MISMATCH);
  }

  @Test
  void aChecksumOfAnotherKindIsRefused() {
    assertThat(codeOf(manifest("1", "", FILES.replace("SHA256", "CRC32C"), RANGES)))
        .isEqualTo(ErrorCode.MANIFEST_MISMATCH);
  }

  @Test
  void aCompleteBackupHasNoProblems() {
    assertThat(problems(files())).isEmpty();
  }

  @Test
  void missingChangedAndUnknownFilesAreNamed() {
    Map<BaseBackupPath, FileFacts> found = files();
    found.remove(BaseBackupPath.inData("PG_VERSION"));
    found.put(BaseBackupPath.of(Optional.empty(), ODD_NAME), facts("17\n"));
    found.put(BaseBackupPath.inData("base/evil"), facts("x"));

    assertThat(problems(found))
        .containsExactlyInAnyOrder(
            "PG_VERSION is missing",
            "ba\uFFFDse has other contents than the server sent",
            "base/evil is not in the manifest");
    PermanentException failure =
        catchThrowableOfType(
            PermanentException.class,
            () -> BackupManifest.parse(manifest("1", "", FILES, RANGES)).verify(found));
    assertThat(failure.code()).isEqualTo(ErrorCode.MANIFEST_MISMATCH);
    assertThat(failure).hasMessageContaining("PG_VERSION is missing");
  }

  @Test
  void aFileOfAnotherLengthIsNamed() {
    Map<BaseBackupPath, FileFacts> found = files();
    found.put(BaseBackupPath.inData("PG_VERSION"), facts("18"));
    assertThat(problems(found)).containsExactly("PG_VERSION has 2 bytes, not 3");
  }

  @Test
  void everySegmentOfWalUpToTheEndMustBeThere() {
    Map<BaseBackupPath, FileFacts> found = files();
    found.remove(segment("000000010000000000000003"));
    assertThat(problems(found)).containsExactly("WAL segment 000000010000000000000003 is missing");
  }

  @Test
  void noWalAtAllIsAProblem() {
    Map<BaseBackupPath, FileFacts> found = files();
    found.keySet().removeIf(path -> path.isBelow("pg_wal"));
    assertThat(problems(found)).containsExactly("no WAL is there");
  }

  @Test
  void halfASegmentOfWalIsAProblem() {
    Map<BaseBackupPath, FileFacts> found = files();
    found.put(segment("000000010000000000000003"), new FileFacts(1234, new byte[32]));
    assertThat(problems(found)).singleElement().asString().contains("000000010000000000000003");
  }

  private static List<String> problems(Map<BaseBackupPath, FileFacts> found) {
    return BackupManifest.parse(manifest("1", "", FILES, RANGES)).problems(found);
  }

  private static Map<BaseBackupPath, FileFacts> files() {
    var found = new HashMap<BaseBackupPath, FileFacts>();
    found.put(BaseBackupPath.inData("PG_VERSION"), facts("18\n"));
    found.put(BaseBackupPath.of(Optional.empty(), ODD_NAME), facts("18\n"));
    found.put(
        BaseBackupPath.of(Optional.of(16389L), "PG_18_1/5/1".getBytes(StandardCharsets.UTF_8)),
        facts("18\n"));
    found.put(segment("000000010000000000000002"), new FileFacts(1 << 24, new byte[32]));
    found.put(segment("000000010000000000000003"), new FileFacts(1 << 24, new byte[32]));
    return found;
  }

  private static BaseBackupPath segment(String name) {
    return BaseBackupPath.inData("pg_wal/" + name);
  }

  private static FileFacts facts(String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return new FileFacts(bytes.length, sha256(bytes));
  }

  private static ErrorCode codeOf(byte[] manifest) {
    PermanentException failure =
        catchThrowableOfType(PermanentException.class, () -> BackupManifest.parse(manifest));
    return failure.code();
  }

  private static byte[] manifest(String version, String identifier, String files, String ranges) {
    String body =
        "{ \"PostgreSQL-Backup-Manifest-Version\": "
            + version
            + ",\n"
            + identifier
            + "\"Files\": [\n"
            + files
            + "],\n\"WAL-Ranges\": [\n"
            + ranges
            + "\n],\n";
    return (body + "\"Manifest-Checksum\": \"" + sha256Hex(body) + "\"}\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String sha256Hex(String text) {
    return HexFormat.of().formatHex(sha256(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
