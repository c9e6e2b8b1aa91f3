package io.lifeboat.files;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Globs against paths relative to a configured path, as {@code .gitignore} and shells understand
 * them:
 *
 * <pre>
 *   *        any run of characters but slashes       ?       one character but a slash
 *   [a-z]    one of these, [!a-z] none of these      {a,b}   one of these
 *   ** /     any folders, also none                  / **    all that is inside      \x   just x
 * </pre>
 *
 * (without the blanks). A pattern that ends in a slash matches folders only. What is below a
 * matching folder is excluded with it. Patterns are matched whole, from the configured path down,
 * by characters of UTF-8 and not by the locale.
 */
final class Exclusions {
  private final List<Glob> globs;

  private record Glob(Pattern pattern, boolean foldersOnly) {}

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
    for (Glob glob : globs) {
      if (glob.pattern().matcher(relativePath).matches()
          && (!glob.foldersOnly() || isFolder.getAsBoolean())) {
        return true;
      }
    }
    return false;
  }

  boolean isEmpty() {
    return globs.isEmpty();
  }

  private static Glob parse(String pattern) {
    boolean foldersOnly = pattern.endsWith("/");
    String glob = foldersOnly ? pattern.substring(0, pattern.length() - 1) : pattern;
    if (glob.isEmpty() || glob.startsWith("/")) {
      throw invalid(
          pattern, "it must be relative to each of the source's paths, without a slash in front");
    }
    try {
      return new Glob(
          Pattern.compile(new Translation(glob).toRegex(), Pattern.DOTALL), foldersOnly);
    } catch (PatternSyntaxException e) {
      throw invalid(pattern, "a bracket or brace is open or a range is upside down");
    }
  }

  private static PermanentException invalid(String pattern, String reason) {
    return new PermanentException(
        ErrorCode.CONFIG_INVALID,
        "The exclude pattern '" + pattern + "' cannot be used: " + reason,
        "Write it like \"**/*.tmp\", \"cache/\" or \"build/**\"; a backslash takes the next"
            + " character literally.");
  }

  /** One pass over a glob that writes a regular expression. */
  private static final class Translation {
    private final String glob;
    private final StringBuilder regex = new StringBuilder();
    private int at;
    private int openBraces;

    Translation(String glob) {
      this.glob = glob;
    }

    String toRegex() {
      while (at < glob.length()) {
        char c = glob.charAt(at++);
        switch (c) {
          case '*' -> star();
          case '?' -> regex.append("[^/]");
          case '[' -> characters();
          case '{' -> {
            openBraces++;
            regex.append("(?:");
          }
          case '}' -> {
            regex.append(openBraces > 0 ? ")" : "\\}");
            openBraces = Math.max(0, openBraces - 1);
          }
          case ',' -> regex.append(openBraces > 0 ? "|" : ",");
          case '\\' -> literal(at < glob.length() ? glob.charAt(at++) : '\\');
          default -> literal(c);
        }
      }
      return regex.toString();
    }

    private void star() {
      if (!glob.startsWith("*", at)) {
        regex.append("[^/]*");
        return;
      }
      at++;
      if (glob.startsWith("/", at)) {
        at++;
        regex.append("(?:.*/)?");
      } else {
        regex.append(".*");
      }
    }

    private void characters() {
      regex.append("(?!/)[");
      if (glob.startsWith("!", at) || glob.startsWith("^", at)) {
        at++;
        regex.append('^');
      }
      int first = at;
      while (at < glob.length() && (glob.charAt(at) != ']' || at == first)) {
        char c = glob.charAt(at++);
        if (c == '-') {
          regex.append('-');
        } else {
          literal(c);
        }
      }
      if (at == glob.length()) {
        throw new PatternSyntaxException("no closing bracket", glob, first);
      }
      at++;
      regex.append(']');
    }

    private void literal(char c) {
      boolean word = Character.isLetterOrDigit(c) || Character.isSurrogate(c);
      regex.append(word ? "" : "\\").append(c);
    }
  }
}
