package io.lifeboat.drill.scratch;

import io.lifeboat.restore.RestoreTarget;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** A folder that a tree of files is restored to, and read again from. For one thread. */
public final class FolderScratch implements Scratch {
  private final ScratchLease lease;
  private final Function<Path, RestoreTarget> folderTargets;

  FolderScratch(ScratchLease lease, Function<Path, RestoreTarget> folderTargets) {
    this.lease = lease;
    this.folderTargets = folderTargets;
  }

  @Override
  public ScratchFacts facts() {
    String platform = System.getProperty("os.name") + " " + System.getProperty("os.version");
    return new ScratchFacts("folder", platform, "", "none", List.of());
  }

  /** Where the tree goes. */
  public RestoreTarget target() {
    return folderTargets.apply(tree());
  }

  /** The restored tree's root. */
  public Path tree() {
    return lease.folders().getFirst().resolve("tree");
  }

  @Override
  public void close() {
    lease.release();
  }
}
