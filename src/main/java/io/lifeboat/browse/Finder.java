package io.lifeboat.browse;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.files.PathGlob;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.restore.RestorePath;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds entries by a glob, in one snapshot or in many, and tells their versions apart: a version of
 * a file is its contents, of a link what it leads to.
 */
public final class Finder {
  private final PathGlob glob;
  private final boolean byName;
  private final Map<Key, Found> found = new LinkedHashMap<>();

  /**
   * What was found.
   *
   * @param item the entry, as the first snapshot that was searched has it
   * @param snapshots the snapshots that have this version, in the order in which they were searched
   */
  public record Found(Item item, List<String> snapshots) {}

  private record Key(RestorePath path, Object version) {}

  /**
   * A search.
   *
   * @param glob matched against whole paths; one without a slash against names
   * @throws PermanentException with code {@code USAGE_INVALID}
   */
  public Finder(String glob) {
    try {
      this.glob = new PathGlob(glob);
    } catch (IllegalArgumentException e) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "The glob '" + glob + "' cannot be used: " + e.getMessage(),
          "Write '*.pdf' for names, 'artifacts/**/*.pdf' for whole paths.",
          e);
    }
    this.byName = glob.indexOf('/') < 0;
  }

  /** Searches a snapshot, too. */
  public void search(SnapshotReader snapshot) {
    String id = snapshot.root().info().id();
    new Listing(snapshot).list(RestorePath.root(), true, item -> consider(item, id));
  }

  private void consider(Item item, String snapshot) {
    String text = byName ? item.node().name().toString() : item.path().toString();
    if (glob.matches(text, () -> item.node() instanceof Node.Directory)) {
      found
          .computeIfAbsent(
              new Key(item.path(), version(item.node())), key -> new Found(item, new ArrayList<>()))
          .snapshots()
          .add(snapshot);
    }
  }

  /** Of a file whose hash is not known, the chunks that it consists of. */
  private static Object version(Node node) {
    return switch (node) {
      case Node.Directory folder -> "folder";
      case Node.RegularFile file ->
          file.sha256()
              .<Object>map(hash -> "file " + HexFormat.of().formatHex(hash))
              .orElseGet(file::content);
      case Node.Symlink link -> "link " + HexFormat.of().formatHex(link.target());
    };
  }

  /** What was found so far, in the order in which it was found. */
  public List<Found> found() {
    return List.copyOf(found.values());
  }
}
