package io.lifeboat.drill.scratch;

import java.util.List;

/** What came of comparing restored files with the server's backup manifest. */
public sealed interface ManifestFinding {
  /** All files are as it says. */
  record Sound(String detail) implements ManifestFinding {}

  /** Some are not. */
  record Broken(List<String> problems) implements ManifestFinding {
    /** Copies the list. */
    public Broken {
      problems = List.copyOf(problems);
    }
  }

  /** Nothing was compared. */
  record NotChecked(String reason) implements ManifestFinding {}
}
