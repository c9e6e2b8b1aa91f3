package io.lifeboat.postgres;

import static java.util.concurrent.TimeUnit.MINUTES;

import io.lifeboat.fuzz.Fuzz;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server sends, or somebody who has a writer's keys puts into a snapshot. */
@Timeout(value = 30, unit = MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ManifestFuzzTest {
  private static final String BODY =
      """
      { "PostgreSQL-Backup-Manifest-Version": 2,
      "System-Identifier": 7500000000000000001,
      "Files": [
      { "Path": "PG_VERSION", "Size": 3, "Last-Modified": "2026-11-23 20:00:00 GMT", "Checksum-Algorithm": "SHA256", "Checksum": "%s" },
      { "Encoded-Path": "6261ff7365", "Size": 3, "Checksum-Algorithm": "SHA256", "Checksum": "%s" },
      { "Path": "pg_tblspc/16389/PG_18_1/5/1", "Size": 3, "Checksum-Algorithm": "SHA256", "Checksum": "%s" }
      ],
      "WAL-Ranges": [
      { "Timeline": 1, "Start-LSN": "0/2000028", "End-LSN": "0/4000000" }
      ],
      """
          .formatted("0f".repeat(32), "0f".repeat(32), "0f".repeat(32));

  @Test
  void manifestsWithARightChecksum() throws Exception {
    Fuzz.of("backup manifests, with their checksum", BODY.getBytes(StandardCharsets.UTF_8))
        .run(5000, bytes -> BackupManifest.parse(sealed(bytes)));
  }

  @Test
  void tablespaceMaps() throws Exception {
    byte[] map = "16389 /srv/a\\\nb\n16390 /srv/c\n".getBytes(StandardCharsets.UTF_8);
    Fuzz.of("tablespace maps", map).run(5000, TablespaceMap::parse);
  }

  private static byte[] sealed(byte[] body) throws Exception {
    String checksum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    byte[] last =
        ("\"Manifest-Checksum\": \"" + checksum + "\"}\n").getBytes(StandardCharsets.US_ASCII);
    byte[] whole = java.util.Arrays.copyOf(body, body.length + last.length);
    System.arraycopy(last, 0, whole, body.length, last.length);
    return whole;
  }
}
