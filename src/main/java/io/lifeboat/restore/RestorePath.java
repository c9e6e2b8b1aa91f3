package io.lifeboat.restore;

import io.lifeboat.repository.FileName;
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

  /** Components joined by slashes, for people. */
  @Override
  public String toString() {
    return components.stream().map(FileName::toString).collect(Collectors.joining("/"));
  }
}
