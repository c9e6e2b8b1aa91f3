package io.lifeboat.postgres;

/**
 * An earlier backup that an incremental one is taken against.
 *
 * @param snapshot the snapshot that it is
 * @param manifest its {@code backup_manifest}, as the server sent it
 */
public record BackupParent(String snapshot, byte[] manifest) {}
