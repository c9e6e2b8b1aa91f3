package io.lifeboat.config;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The words that snapshots are marked with, such as {@code release-4.2}. */
public final class Tags {
  /** No snapshot has more. */
  public static final int MOST = 16;

  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/@+=-]{0,63}");
  private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9._:/@+=*-]{1,64}");
  private static final String LOOK =
      "1 to 64 letters, digits or . _ : / @ + = -, the first one a letter or digit";

  private Tags() {}

  /**
   * The tags of a plan and those of one run, in their order, none twice.
   *
   * @throws PermanentException with code {@code USAGE_INVALID} if no snapshot can have these
   */
  public static List<String> joined(Collection<String> plan, Collection<String> run) {
    var tags = new TreeSet<>(plan);
    tags.addAll(run);
    problem(tags)
        .ifPresent(problem -> {
          throw new PermanentException(
              ErrorCode.USAGE_INVALID,
              "The tags cannot be used: " + problem,
              "Correct them, and count the plan's own tags too.");
        });
    return List.copyOf(tags);
  }

  /** What is wrong with a snapshot's tags, as a sentence; empty if nothing is. */
  public static Optional<String> problem(Collection<String> tags) {
    int count = new HashSet<>(tags).size();
    if (count > MOST) {
      return Optional.of("a snapshot has at most " + MOST + " tags, and these are " + count);
    }
    return tags.stream()
        .filter(tag -> !TAG.matcher(tag).matches())
        .findFirst()
        .map(tag -> "'" + shown(tag) + "' is not a tag: " + LOOK);
  }

  /** What is wrong with a pattern of tags, as a sentence; empty if nothing is. */
  public static Optional<String> patternProblem(String pattern) {
    return PATTERN.matcher(pattern).matches()
        ? Optional.empty()
        : Optional.of(
            "'"
                + shown(pattern)
                + "' is not a pattern of tags: 1 to 64 characters that tags have, and * for any"
                + " number of any of them");
  }

  /** Whether a tag fits a pattern, in which {@code *} stands for any characters. */
  public static boolean matches(String pattern, String tag) {
    String[] parts = pattern.split("\\*", -1);
    String last = parts[parts.length - 1];
    if (parts.length == 1) {
      return tag.equals(pattern);
    }
    int at = parts[0].length();
    boolean fits = tag.startsWith(parts[0]);
    for (int i = 1; fits && i < parts.length - 1; i++) {
      int found = tag.indexOf(parts[i], at);
      fits = found >= 0;
      at = found + parts[i].length();
    }
    return fits && tag.length() - last.length() >= at && tag.endsWith(last);
  }

  /** A bad one may be long, or end a terminal's line. */
  private static String shown(String text) {
    String printable = text.replaceAll("[^\\x20-\\x7e]", "?");
    return printable.length() <= 80 ? printable : printable.substring(0, 80) + "…";
  }
}
