package io.lifeboat.postgres;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** The file {@code backup_label}, which tells a copy where its recovery begins. */
final class BackupLabel {
  static final String FILE_NAME = "backup_label";

  private BackupLabel() {}

  /**
   * A label as one of a full backup: a server does not start from one that says that it is
   * incremental.
   */
  static byte[] ofFullBackup(byte[] label) {
    return new String(label, StandardCharsets.ISO_8859_1)
        .lines()
        .filter(line -> !line.startsWith("INCREMENTAL FROM "))
        .map(line -> line + "\n")
        .collect(Collectors.joining())
        .getBytes(StandardCharsets.ISO_8859_1);
  }
}
