/**
 * A PostgreSQL server as a source, and a cluster as what a restore brings back. {@link
 * io.lifeboat.postgres.SourceCheck} says whether a server can be backed up; {@link
 * io.lifeboat.postgres.Canary} leaves a row in it whose return a drill looks for; {@link
 * io.lifeboat.postgres.BaseBackup} reads the whole cluster, or what changed in it since an earlier
 * backup, by the replication protocol and hands it over file by file; {@link
 * io.lifeboat.postgres.BackupManifest} holds what arrived against what the server says it sent;
 * {@link io.lifeboat.postgres.ClusterFacts} keeps what one must know to start a copy, and {@link
 * io.lifeboat.postgres.TruthManifest} what must be in it. On the way back {@link
 * io.lifeboat.postgres.RestoredCluster} points tablespaces to their new places, and {@link
 * io.lifeboat.postgres.CopySettings} starts the copy so that it reaches nobody.
 */
@NullMarked
package io.lifeboat.postgres;

import org.jspecify.annotations.NullMarked;
