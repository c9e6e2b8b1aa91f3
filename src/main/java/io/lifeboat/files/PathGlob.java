package io.lifeboat.files;

import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A pattern for paths, as {@code .gitignore} and shells understand it:
 *
 * <pre>
 *   *        any run of characters but slashes       ?       one character but a slash
 *   [a-z]    one of these, [!a-z] none of these      {a,b}   one of these
 *   ** /     any folders, also none                  / **    all that is inside      \x   just x
 * </pre>
 *
 * (without the blanks). A pattern that ends in a slash matches folders only. Patterns are matched
 * whole, by characters of UTF-8 and not by the locale.
 */
public final class PathGlob {
  private final String text;
  private final Pattern pattern;
  private final boolean foldersOnly;

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException with a message that says what is wrong with it
   */
  public PathGlob(String text) {
    this.text = text;
    this.foldersOnly = text.endsWith("/");
    String glob = foldersOnly ? text.substring(0, text.length() - 1) : text;
    if (glob.isEmpty() || glob.startsWith("/")) {
      throw new IllegalArgumentException("it must not be empty and not begin with a slash");
    }
    try {
      this.pattern = Pattern.compile(new Translation(glob).toRegex(), Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("a bracket or brace is open or a range is upside down", e);
    }
  }

  /** Whether it matches a path without a slash at its end, of something that may be a folder. */
  public boolean matches(String path, BooleanSupplier isFolder) {
    return pattern.matcher(path).matches() && (!foldersOnly || isFolder.getAsBoolean());
  }

  /** Whether a text has a character that means something in a pattern. */
  public static boolean hasWildcard(String text) {
    return text.chars().anyMatch(c -> "*?[{\\".indexOf(c) >= 0);
  }

  @Override
  public String toString() {
    return text;
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
