package io.lifeboat.postgres;

import io.lifeboat.repository.FileName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where a file lies in a cluster.
 *
 * @param tablespaceOid the tablespace whose folder {@code components} start from; empty for the
 *     data directory
 * @param components never empty
 */
public record BaseBackupPath(Optional<Long> tablespaceOid, List<FileName> components)
    implements Comparable<BaseBackupPath> {
  private static final String TABLESPACES = "pg_tblspc";

  /** Copies the components. */
  public BaseBackupPath {
    components = List.copyOf(components);
    if (components.isEmpty()) {
      throw new IllegalArgumentException("A path has at least one component");
    }
  }

  /**
   * Splits a path at its slashes. Empty and {@code .} components are dropped.
   *
   * @throws IllegalArgumentException if nothing is left, or a component is {@code ..}
   */
  public static BaseBackupPath of(Optional<Long> tablespaceOid, byte[] path) {
    var components = new ArrayList<FileName>();
    int start = 0;
    for (int i = 0; i <= path.length; i++) {
      if (i == path.length || path[i] == '/') {
        int length = i - start;
        if (length > 0 && !(length == 1 && path[start] == '.')) {
          components.add(FileName.of(Arrays.copyOfRange(path, start, i)));
        }
        start = i + 1;
      }
    }
    return new BaseBackupPath(tablespaceOid, components);
  }

  /** A path below the data directory, in UTF-8. */
  public static BaseBackupPath inData(String path) {
    return of(Optional.empty(), path.getBytes(StandardCharsets.UTF_8));
  }

  /** A path as the manifest writes it: tablespaces are below {@code pg_tblspc/<oid>}. */
  static BaseBackupPath ofManifest(byte[] path) {
    BaseBackupPath plain = of(Optional.empty(), path);
    List<FileName> names = plain.components;
    if (names.size() > 2
        && names.get(0).toString().equals(TABLESPACES)
        && names.get(1).toString().matches("[0-9]{1,10}")) {
      long oid = Long.parseLong(names.get(1).toString());
      return new BaseBackupPath(Optional.of(oid), names.subList(2, names.size()));
    }
    return plain;
  }

  /** Whether it is this folder of the data directory or lies below it. */
  boolean isBelow(String folder) {
    return tablespaceOid.isEmpty() && components.getFirst().toString().equals(folder);
  }

  /** Whether it is this file at the top of the data directory. */
  boolean isTopLevel(String name) {
    return components.size() == 1 && isBelow(name);
  }

  /** Whether it is a file of a relation: one of which an incremental backup may have a part. */
  public boolean isRelationFile() {
    return RelationFile.of(this).isPresent();
  }

  /** Whether it is a visibility map. */
  public boolean isVisibilityMap() {
    return RelationFile.of(this).filter(file -> file.fork().equals("vm")).isPresent();
  }

  /** The last component. */
  public FileName name() {
    return components.getLast();
  }

  @Override
  public int compareTo(BaseBackupPath other) {
    int byTablespace = Long.compare(tablespaceOid.orElse(0L), other.tablespaceOid.orElse(0L));
    if (byTablespace != 0) {
      return byTablespace;
    }
    int common = Math.min(components.size(), other.components.size());
    for (int i = 0; i < common; i++) {
      int byName = components.get(i).compareTo(other.components.get(i));
      if (byName != 0) {
        return byName;
      }
    }
    return Integer.compare(components.size(), other.components.size());
  }

  /** For people, as the manifest writes it. */
  @Override
  public String toString() {
    return tablespaceOid.map(oid -> TABLESPACES + "/" + oid + "/").orElse("")
        + components.stream().map(FileName::toString).collect(Collectors.joining("/"));
  }
}
