package io.lifeboat.drill.scratch;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.restore.RestorePath;
import io.lifeboat.restore.RestoreTarget;
import java.util.List;

/**
 * Keeps a cluster's tree from leading out of the scratch. A link in {@code data/pg_tblspc} points
 * to a folder of the source's machine, which may well be this one: it is left out, and the scratch
 * makes its own. Any other link has no place in a data directory and is refused.
 */
final class ContainedTarget implements RestoreTarget {
  private static final List<FileName> TABLESPACE_LINKS =
      List.of(FileName.of("data"), FileName.of("pg_tblspc"));

  private final RestoreTarget target;

  ContainedTarget(RestoreTarget target) {
    this.target = target;
  }

  @Override
  public void directory(RestorePath path, Attributes attributes) {
    target.directory(path, attributes);
  }

  @Override
  public FileWriter file(RestorePath path, Node.RegularFile node) {
    return target.file(path, node);
  }

  @Override
  public boolean hardLink(RestorePath path, RestorePath existing) {
    return target.hardLink(path, existing);
  }

  @Override
  public void symlink(RestorePath path, Node.Symlink node) {
    List<FileName> components = path.components();
    if (components.size() == 3 && components.subList(0, 2).equals(TABLESPACE_LINKS)) {
      return;
    }
    throw new PermanentException(
        ErrorCode.SCRATCH_UNAVAILABLE,
        "The snapshot has a symbolic link at " + path + ", which would lead out of the scratch",
        "Restore to a folder and look at what the link is for; PostgreSQL's own backups have"
            + " none.");
  }

  @Override
  public void commit() {
    target.commit();
  }

  @Override
  public void close() {
    target.close();
  }
}
