package io.lifeboat.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what a mistyped word was probably meant to be. */
public final class Spelling {
  private Spelling() {}

  /** The known word that is nearest, if one is near: at most a third of its letters differ. */
  public static Optional<String> nearest(String word, Collection<String> known) {
    return known.stream()
        .filter(candidate -> distance(word, candidate) <= Math.max(1, candidate.length() / 3))
        .min(
            Comparator.comparingInt((String candidate) -> distance(word, candidate))
                .thenComparing(c -> c));
  }

  /** A hint for a word that is not known: the nearest one, or all there are. */
  public static String hint(String word, Collection<String> known) {
    if (known.isEmpty()) {
      return "There are none yet.";
    }
    String all = String.join(", ", known.stream().sorted().toList());
    return nearest(word, known)
        .map(near -> "Did you mean '" + near + "'? Known here: " + all + ".")
        .orElse("Known here: " + all + ".");
  }

  /** Levenshtein's distance, without regard to case, by two rows of his table. */
  private static int distance(String left, String right) {
    String a = left.toLowerCase(java.util.Locale.ROOT);
    String b = right.toLowerCase(java.util.Locale.ROOT);
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, Math.min(previous[j], row[j - 1]) + 1);
      }
      previous = row;
    }
    return previous[b.length()];
  }
}
