package io.lifeboat.repository;

import io.lifeboat.crypto.AgeFiles;
import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.store.ObjectStore;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;

/**
 * What the parts of an open repository share.
 *
 * @param formatSha256 of the object {@code format}, which the log's first entry must name
 * @param rememberedTip what this node has seen of the log
 * @param spool a folder for sealed packs on their way to the store
 */
record RepositoryContext(
    ObjectStore store,
    FormatDocument format,
    String formatSha256,
    CommitLog log,
    Keyring keyring,
    MessageSealer sealer,
    ChunkSealer chunkSealer,
    AgeFiles age,
    SecureRandom random,
    Clock clock,
    Path spool,
    PackSizes packSizes,
    RememberedTip rememberedTip) {
  /** The folder for what a run of a domain leaves for the next one; not made yet. */
  Path indexFolder(String domain) {
    return spool.resolveSibling("index").resolve(format.id().toString()).resolve(domain);
  }

  /** The same with other keys of the same admin. */
  RepositoryContext with(Keyring keys) {
    return with(store, log, keys);
  }

  /** The same, with another store between. */
  RepositoryContext in(ObjectStore other) {
    return with(other, new CommitLog(other, keyring.admin(), clock), keyring);
  }

  private RepositoryContext with(ObjectStore other, CommitLog itsLog, Keyring keys) {
    return new RepositoryContext(
        other,
        format,
        formatSha256,
        itsLog,
        keys,
        sealer,
        chunkSealer,
        age,
        random,
        clock,
        spool,
        packSizes,
        rememberedTip);
  }
}
