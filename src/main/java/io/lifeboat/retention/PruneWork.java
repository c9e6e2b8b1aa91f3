package io.lifeboat.retention;

import io.lifeboat.repository.CondemnedPacks;
import io.lifeboat.repository.Maintenance;

/**
 * What a prune did to packs, or would.
 *
 * @param repacked packs that were mostly dead, whose living part was copied; they are condemned,
 *     too
 * @param condemned packs that became garbage
 * @param sweptPacks packs that may be deleted from now on
 * @param deleted packs that are gone
 * @param left what is condemned and not deleted, with when it can be
 */
public record PruneWork(
    Maintenance.Repacked repacked,
    Maintenance.Condemned condemned,
    long sweptPacks,
    Maintenance.Deleted deleted,
    CondemnedPacks left) {}
