package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lifeboat.postgres.BackupManifest.Entry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manifest of what was put together of a parent and blocks. */
class CombinedManifestTest {
  private static final Path VERIFIER = Path.of("/usr/lib/postgresql/15/bin/pg_verifybackup");
  private static final BaseBackupPath LABEL = BaseBackupPath.inData("backup_label");
  private static final BaseBackupPath PART = BaseBackupPath.inData("base/5/INCREMENTAL.16384");
  private static final BaseBackupPath SAME = BaseBackupPath.inData("global/INCREMENTAL.1262");
  private static final BaseBackupPath APART =
      BaseBackupPath.ofManifest(
          "pg_tblspc/16390/PG_18_1/5/INCREMENTAL.7".getBytes(StandardCharsets.US_ASCII));

  private static byte[] combined(String version, String system) throws Exception {
    String body =
        """
        { "PostgreSQL-Backup-Manifest-Version": %s,
        %s"Files": [
        { "Path": "backup_label", "Size": 40, "Last-Modified": "2026-11-23 20:00:00 GMT", "Checksum-Algorithm": "SHA256", "Checksum": "%s" },
        { "Path": "base/5/INCREMENTAL.16384", "Size": 16384, "Last-Modified": "2026-11-23 20:00:00 GMT", "Checksum-Algorithm": "SHA256", "Checksum": "%s" },
        { "Path": "global/INCREMENTAL.1262", "Size": 12, "Last-Modified": "2026-11-23 20:00:00 GMT", "Checksum-Algorithm": "SHA256", "Checksum": "%s" },
        { "Path": "pg_tblspc/16390/PG_18_1/5/INCREMENTAL.7", "Size": 12, "Last-Modified": "2026-11-23 20:00:00 GMT", "Checksum-Algorithm": "SHA256", "Checksum": "%s" },
        { "Encoded-Path": "6261ff", "Size": 3, "Last-Modified": "2026-11-23 20:00:00 GMT", "Checksum-Algorithm": "SHA256", "Checksum": "%s" }
        ],
        "WAL-Ranges": [
        { "Timeline": 1, "Start-LSN": "0/2000028", "End-LSN": "0/4000000" }
        ],
        """
            .formatted(version, system, hex("x"), hex("x"), hex("x"), hex("x"), hex("odd"));
    String sum = HexFormat.of().formatHex(sha256(body.getBytes(StandardCharsets.UTF_8)));
    byte[] server = (body + "\"Manifest-Checksum\": \"" + sum + "\"}\n").getBytes();
    BackupManifest.parse(server);
    var label = new FileFacts(5, sha256("label".getBytes(StandardCharsets.US_ASCII)));
    var facts = new FileFacts(12, new byte[32]);
    var incremental =
        new BaseBackupResult.Incremental(
            "01A", Map.of(LABEL, facts, PART, facts, SAME, facts, APART, facts), label);
    return CombinedManifest.of(
        server,
        incremental,
        Map.of(
            BaseBackupPath.inData("base/5/16384"),
            new Entry(9, Optional.empty()),
            BaseBackupPath.inData("global/1262"),
            new Entry(4, Optional.of(sha256("same".getBytes(StandardCharsets.US_ASCII)))),
            IncrementalDelivery.whole(APART).orElseThrow(),
            new Entry(7, Optional.empty())));
  }

  @Test
  void wholeFilesAreNamedAndOnlyThoseHaveAHashThatSomebodyRead() throws Exception {
    BackupManifest manifest =
        BackupManifest.parse(combined("2", "\"System-Identifier\": 17446744073709551615,\n"));
    assertThat(manifest.systemIdentifier()).contains("17446744073709551615");
    assertThat(manifest.files().keySet())
        .extracting(BaseBackupPath::toString)
        .containsExactlyInAnyOrder(
            "backup_label",
            "ba\ufffd",
            "base/5/16384",
            "global/1262",
            "pg_tblspc/16390/PG_18_1/5/7");
    assertThat(manifest.withoutHash()).isEqualTo(2);
    assertThat(manifest.files().get(BaseBackupPath.inData("base/5/16384")).sizeBytes())
        .isEqualTo(9);
    assertThat(manifest.files().get(LABEL).sizeBytes()).isEqualTo(5);
    assertThat(manifest.walRanges()).hasSize(1);
  }

  @Test
  void aSizeThatDiffersIsAProblemEvenWithoutAHash() throws Exception {
    BackupManifest manifest = BackupManifest.parse(combined("1", ""));
    assertThat(
            manifest.problems(
                Map.of(
                    BaseBackupPath.inData("base/5/16384"), new FileFacts(8, new byte[32]),
                    BaseBackupPath.inData("global/1262"), new FileFacts(4, new byte[32]))))
        .contains("base/5/16384 has 8 bytes, not 9")
        .contains("global/1262 has other contents than the server sent");
  }

  /** What the server sends must have a checksum of each file. */
  @Test
  void aServersOwnManifestWithoutAChecksumIsRefused() throws Exception {
    BackupManifest manifest = BackupManifest.parse(combined("1", ""));
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> manifest.verify(Map.of()))
        .hasMessageContaining("the server sent no checksum of base/5/16384");
  }

  @Test
  void postgresqlsOwnVerifierTakesIt(@TempDir Path data) throws Exception {
    assumeTrue(Files.isExecutable(VERIFIER), "Debian's PostgreSQL 15 is not installed");
    write(data, "backup_label", "label");
    write(data, "base/5/16384", "pieced to");
    write(data, "global/1262", "same");
    write(data, "pg_tblspc/16390/PG_18_1/5/7", "pieced!");
    Files.writeString(
        Path.of(java.net.URI.create(data.toUri() + "ba%FF")), "odd", StandardCharsets.US_ASCII);
    Files.write(data.resolve("backup_manifest"), combined("1", ""));

    assertThat(verify(data)).contains("backup successfully verified");

    write(data, "base/5/16384", "of another length");
    assertThat(verify(data)).contains("\"base/5/16384\" has size");
    write(data, "base/5/16384", "pieced to");
    write(data, "global/1262", "SAME");
    assertThat(verify(data)).contains("checksum mismatch for file \"global/1262\"");
  }

  private static String verify(Path data) throws Exception {
    Process process =
        new ProcessBuilder(VERIFIER.toString(), "--no-parse-wal", data.toString())
            .redirectErrorStream(true)
            .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static void write(Path data, String path, String text) throws Exception {
    Path file = data.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static String hex(String text) throws Exception {
    return HexFormat.of().formatHex(sha256(text.getBytes(StandardCharsets.US_ASCII)));
  }

  private static byte[] sha256(byte[] bytes) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(bytes);
  }
}
