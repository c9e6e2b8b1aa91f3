package io.lifeboat.postgres;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.BackupManifest.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/**
 * The manifest of a cluster that was put together of an incremental backup and its parent: what
 * {@code pg_combinebackup} writes. It names whole files, and has no checksum of those that nobody
 * has read whole; {@code pg_verifybackup} then looks at their size alone.
 *
 * @see <a href="https://www.postgresql.org/docs/current/backup-manifest-format.html">Backup
 *     manifest format</a>
 */
public final class CombinedManifest {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS).build();

  private CombinedManifest() {}

  /**
   * Makes it of the server's manifest, which must have been {@linkplain BackupManifest#parse read}
   * already.
   *
   * @param incremental which of its files were kept in another form
   * @param kept the files of which blocks came, as they were kept, by their whole names
   * @return the bytes of a file {@code backup_manifest}
   */
  public static byte[] of(
      byte[] manifest, BaseBackupResult.Incremental incremental, Map<BaseBackupPath, Entry> kept) {
    JsonNode server;
    try {
      server = JSON.readTree(manifest);
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.MANIFEST_MISMATCH,
          "backup_manifest cannot be read: " + ConnectionFailures.sentence(e),
          "Nothing was kept of this backup; take another one.",
          e);
    }
    // One line for each file, as the server writes it: PostgreSQL looks for the last line alone.
    var text = new StringBuilder("{ ");
    for (Map.Entry<String, JsonNode> field : server.properties()) {
      switch (field.getKey()) {
        case "Files" -> {
          text.append("\"Files\": [\n");
          Iterator<JsonNode> files = field.getValue().iterator();
          while (files.hasNext()) {
            ObjectNode file = files.next().deepCopy();
            replace(file, incremental, kept);
            text.append(file).append(files.hasNext() ? ",\n" : "\n");
          }
          text.append("],\n");
        }
        case "Manifest-Checksum" -> {
          // It is of other bytes.
        }
        default ->
            text.append('"')
                .append(field.getKey())
                .append("\": ")
                .append(field.getValue())
                .append(",\n");
      }
    }
    byte[] covered = text.toString().getBytes(StandardCharsets.UTF_8);
    text.append("\"Manifest-Checksum\": \"")
        .append(HexFormat.of().formatHex(sha256(covered)))
        .append("\"}\n");
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void replace(
      ObjectNode file, BaseBackupResult.Incremental incremental, Map<BaseBackupPath, Entry> kept) {
    boolean encoded = file.has("Encoded-Path");
    String written = file.path(encoded ? "Encoded-Path" : "Path").asText();
    BaseBackupPath path =
        BaseBackupPath.ofManifest(
            encoded ? HexFormat.of().parseHex(written) : written.getBytes(StandardCharsets.UTF_8));
    if (!incremental.arrived().containsKey(path)) {
      return;
    }
    BaseBackupPath whole = IncrementalDelivery.whole(path).orElse(path);
    FileFacts label = incremental.label();
    Entry entry =
        path.isTopLevel(BackupLabel.FILE_NAME)
            ? new Entry(label.sizeBytes(), Optional.of(label.sha256()))
            : kept.get(whole);
    if (entry == null) {
      throw new IllegalStateException("Nothing was kept of " + path);
    }
    // Files of relations and the label have plain names, in ASCII.
    file.put("Path", whole.toString());
    file.put("Size", entry.sizeBytes());
    file.remove("Checksum-Algorithm");
    file.remove("Checksum");
    entry
        .sha256()
        .ifPresent(hash -> {
          file.put("Checksum-Algorithm", "SHA256");
          file.put("Checksum", HexFormat.of().formatHex(hash));
        });
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
