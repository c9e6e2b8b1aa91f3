package io.lifeboat.repository;

import io.lifeboat.crypto.ChunkIds;
import io.lifeboat.error.LifeboatException;
import java.util.Arrays;
import java.util.List;

/** Opens every chunk of a pack and compares it with its id. Thread-safe. */
final class ChunkCheck {
  private final RepositoryContext context;
  private final List<ChunkIds> domains;

  /**
   * A check against these domains.
   *
   * @param domains how the domains whose chunks may be there make ids
   */
  ChunkCheck(RepositoryContext context, List<ChunkIds> domains) {
    this.context = context;
    this.domains = List.copyOf(domains);
  }

  /** How all domains of a log make ids; needs a recovery identity. */
  static List<ChunkIds> ids(RepositoryContext context, CommitLog.View view) {
    var domains = new Domains(context, view);
    return view.all(LogRecord.Domain.class)
        .map(domain -> new ChunkIds(domains.key(domain.domain()).chunkIdKey()))
        .toList();
  }

  /** Takes what is wrong with a chunk. */
  interface Damage {
    void found(PackEntry entry, String why);
  }

  /** Looks at all chunks of a pack in memory; answers whether all are right. */
  boolean run(PackIndexReader.OpenedPack pack, byte[] all, Damage damage) {
    boolean right = true;
    int likely = 0;
    for (PackEntry entry : pack.entries()) {
      try {
        byte[] plain = PackIndexReader.chunk(pack, entry, all, 0, context.chunkSealer());
        int domain = domainOf(entry, plain, likely);
        if (domain < 0) {
          right = false;
          damage.found(entry, "is not what its id says");
        } else {
          likely = domain;
        }
      } catch (LifeboatException e) {
        if (!OpenedPacks.isDamage(e)) {
          throw e;
        }
        right = false;
        damage.found(entry, "does not open");
      }
    }
    return right;
  }

  /** Chunks of one domain lie together: the last one's is tried first. */
  private int domainOf(PackEntry entry, byte[] plain, int likely) {
    for (int i = 0; i < domains.size(); i++) {
      int domain = (likely + i) % domains.size();
      byte[] id = domains.get(domain).id(plain, 0, plain.length);
      if (Arrays.equals(id, entry.chunk().bytes())) {
        return domain;
      }
    }
    return -1;
  }
}
