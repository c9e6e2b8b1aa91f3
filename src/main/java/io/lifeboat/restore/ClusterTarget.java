package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.RestoredCluster;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.BytesAtHand;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;

/**
 * The folders of a restored PostgreSQL cluster. What a snapshot keeps in {@code data/} goes to the
 * target itself, each tablespace to a folder of its own ({@code <target>.tablespaces/<oid>}),
 * {@code backup_manifest} beside the data. Commit points the cluster to its tablespaces' new
 * places: it never touches those of the source.
 */
public final class ClusterTarget implements RestoreTarget {
  /** The snapshot's folder of the data directory. */
  public static final FileName DATA = FileName.of("data");

  /** The snapshot's folder of tablespaces. */
  public static final FileName TABLESPACES = FileName.of("tablespaces");

  private final Path folder;
  private final Function<Path, TreeTarget> targets;
  private final boolean dryRun;
  private final TreeTarget data;
  private final Map<Long, TreeTarget> tablespaces = new ConcurrentSkipListMap<>();
  private Set<FileName> beside = Set.of();

  /**
   * A cluster at this path.
   *
   * @param targets makes the targets of the data directory and of each tablespace
   * @param dryRun whether those only count
   */
  public ClusterTarget(Path folder, Function<Path, TreeTarget> targets, boolean dryRun) {
    this.folder = folder.toAbsolutePath().normalize();
    this.targets = targets;
    this.dryRun = dryRun;
    this.data = targets.apply(this.folder);
  }

  /** Where a path of the snapshot goes. */
  private record Place(TreeTarget target, RestorePath path, boolean inData) {}

  private Place place(RestorePath path) {
    List<FileName> names = path.components();
    if (names.getFirst().equals(DATA)) {
      return new Place(data, below(names, 1), true);
    }
    if (names.getFirst().equals(TABLESPACES) && names.size() > 1) {
      TreeTarget target =
          tablespaces.computeIfAbsent(
              oid(names.get(1)), oid -> targets.apply(RestoredCluster.defaultPlace(folder, oid)));
      return new Place(target, below(names, 2), false);
    }
    return new Place(data, path, true);
  }

  private static RestorePath below(List<FileName> names, int from) {
    return new RestorePath(names.subList(from, names.size()));
  }

  private static long oid(FileName name) {
    try {
      return Long.parseLong(name.toString());
    } catch (NumberFormatException e) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED,
          "The snapshot has a tablespace called '" + name + "', which is no number",
          "Run `lifeboat verify --level L2`, and restore another snapshot.",
          e);
    }
  }

  @Override
  public void directory(RestorePath path, Attributes attributes) {
    boolean root = path.components().isEmpty();
    boolean ours = root || path.equals(RestorePath.root().child(TABLESPACES));
    if (root) {
      data.directory(path, attributes);
    } else if (!ours) {
      Place place = place(path);
      boolean top = place.path().components().isEmpty();
      if (top) {
        place.target().rootAttributes(attributes);
      }
      if (!top || !place.inData()) {
        place.target().directory(place.path(), attributes);
      }
    }
  }

  /** Entries of the snapshot's top, such as the manifest, lie among those of the data directory. */
  @Override
  public void entries(RestorePath path, FolderEntries entries) {
    if (path.components().isEmpty()) {
      beside = entries.names();
    } else if (!path.equals(RestorePath.root().child(TABLESPACES))) {
      Place place = place(path);
      boolean top = place.inData() && place.path().components().isEmpty();
      place.target().entries(place.path(), top ? entries.with(beside) : entries);
    }
  }

  @Override
  public boolean holds(RestorePath path, Node.RegularFile node) {
    return place(path).target().holds(place(path).path(), node);
  }

  @Override
  public BytesAtHand existing(RestorePath path) {
    return place(path).target().existing(place(path).path());
  }

  @Override
  public boolean keep(RestorePath path, Node.RegularFile node) {
    return place(path).target().keep(place(path).path(), node);
  }

  @Override
  public long deleted() {
    return data.deleted() + tablespaces.values().stream().mapToLong(TreeTarget::deleted).sum();
  }

  @Override
  public boolean takesFilesTogether() {
    return data.takesFilesTogether();
  }

  @Override
  public FileWriter file(RestorePath path, Node.RegularFile node) {
    Place place = place(path);
    return place.target().file(place.path(), node);
  }

  @Override
  public boolean hardLink(RestorePath path, RestorePath existing) {
    return place(path).target().hardLink(place(path).path(), place(existing).path());
  }

  @Override
  public void symlink(RestorePath path, Node.Symlink node) {
    Place place = place(path);
    place.target().symlink(place.path(), node);
  }

  @Override
  public void commit() {
    Map<Long, Path> places = new TreeMap<>();
    tablespaces.forEach((oid, target) -> {
      target.commit();
      places.put(oid, RestoredCluster.defaultPlace(folder, oid));
    });
    if (!dryRun) {
      new RestoredCluster(folder).prepare(places);
    }
    data.commit();
  }

  /** Where the tablespaces went. */
  public Map<Long, Path> tablespaces() {
    Map<Long, Path> places = new TreeMap<>();
    tablespaces.keySet().forEach(oid -> places.put(oid, RestoredCluster.defaultPlace(folder, oid)));
    return places;
  }

  @Override
  public void close() {
    tablespaces.values().forEach(TreeTarget::close);
    data.close();
  }
}
