package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.FileName;
import java.util.ArrayList;
import java.util.List;

/**
 * What of a snapshot is restored.
 *
 * @param path the components of an entry below the root; empty for everything. The entry is
 *     restored under its last component
 */
public record RestoreSelection(List<FileName> path) {
  /** Copies the components. */
  public RestoreSelection {
    path = List.copyOf(path);
  }

  /** Everything. */
  public static RestoreSelection everything() {
    return new RestoreSelection(List.of());
  }

  /**
   * One entry and what is below it.
   *
   * @param path components separated by slashes
   * @throws PermanentException with code {@code USAGE_INVALID}
   */
  public static RestoreSelection of(String path) {
    var components = new ArrayList<FileName>();
    for (String part : path.split("/")) {
      try {
        if (!part.isEmpty()) {
          components.add(FileName.of(part));
        }
      } catch (IllegalArgumentException e) {
        throw new PermanentException(
            ErrorCode.USAGE_INVALID,
            "'" + path + "' is not a path of a snapshot: " + e.getMessage(),
            "Give a path as the snapshot has it, for instance artifacts/releases.",
            e);
      }
    }
    return new RestoreSelection(components);
  }
}
