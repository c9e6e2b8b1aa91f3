package io.lifeboat.files;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * {@link PathGlob}s against paths relative to a configured path, from there down. What is below a
 * matching folder is excluded with it.
 */
final class Exclusions {
  private final List<PathGlob> globs;

  /**
   * Reads the patterns.
   *
   * @throws PermanentException with code {@code CONFIG_INVALID} naming a pattern that makes no
   *     sense
   */
  Exclusions(List<String> patterns) {
    globs = patterns.stream().map(Exclusions::parse).toList();
  }

  /**
   * Whether the entry of this path, relative to a configured path and without a slash at its end,
   * is left out.
   */
  boolean matches(String relativePath, BooleanSupplier isFolder) {
    return globs.stream().anyMatch(glob -> glob.matches(relativePath, isFolder));
  }

  boolean isEmpty() {
    return globs.isEmpty();
  }

  private static PathGlob parse(String pattern) {
    try {
      return new PathGlob(pattern);
    } catch (IllegalArgumentException e) {
      throw new PermanentException(
          ErrorCode.CONFIG_INVALID,
          "The exclude pattern '" + pattern + "' cannot be used: " + e.getMessage(),
          "Write it like \"**/*.tmp\", \"cache/\" or \"build/**\", relative to each of the source's"
              + " paths; a backslash takes the next character literally.",
          e);
    }
  }
}
