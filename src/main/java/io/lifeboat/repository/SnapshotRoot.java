package io.lifeboat.repository;

/**
 * The sealed record at the top of a snapshot.
 *
 * @param facts what the source said of itself, as a JSON object: for PostgreSQL {@code
 *     ClusterFacts}, or {@code LogicalFacts}
 * @param tree the root folder; for {@code files} one entry for each configured path, for {@code
 *     postgres} {@code data/}, {@code tablespaces/<oid>/} and {@code backup_manifest}
 */
public record SnapshotRoot(SnapshotInfo info, String facts, Node.Directory tree) {}
