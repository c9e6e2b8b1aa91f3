package io.lifeboat.restore;

import io.lifeboat.files.RawName;
import io.lifeboat.repository.FileName;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A path below a restore's target; empty for the target itself. Never leads outside: its components
 * are file names.
 */
public record RestorePath(List<FileName> components) {
  /** Copies the components. */
  public RestorePath {
    components = List.copyOf(components);
  }

  /** The target itself. */
  public static RestorePath root() {
    return new RestorePath(List.of());
  }

  /** An entry of this folder. */
  public RestorePath child(FileName name) {
    var longer = new ArrayList<>(components);
    longer.add(name);
    return new RestorePath(longer);
  }

  /** The folder it lies in; not for the target itself. */
  public RestorePath parent() {
    return new RestorePath(components.subList(0, components.size() - 1));
  }

  /** The last component; not for the target itself. */
  public FileName name() {
    return components.getLast();
  }

  /** Whether another path is this one, or a folder on the way to it. */
  public boolean startsWith(RestorePath other) {
    int depth = other.components.size();
    return depth <= components.size() && components.subList(0, depth).equals(other.components);
  }

  /** Where it lies in a folder. */
  Path below(Path folder) {
    Path resolved = folder;
    for (FileName name : components) {
      resolved = RawName.resolve(resolved, name);
    }
    return resolved;
  }

  /** Its components joined by slashes, as the file system has them. */
  public byte[] bytes() {
    var bytes = new ByteArrayOutputStream();
    for (FileName name : components) {
      if (bytes.size() > 0) {
        bytes.write('/');
      }
      bytes.writeBytes(name.bytes());
    }
    return bytes.toByteArray();
  }

  /** Components joined by slashes, for people. */
  @Override
  public String toString() {
    return components.stream().map(FileName::toString).collect(Collectors.joining("/"));
  }
}
