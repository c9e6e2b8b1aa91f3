package io.lifeboat.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A part of a whole as people write it: {@code 1/20}, {@code 5%}, {@code 2.5%}. */
public final class Part {
  private static final Pattern PERCENT = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,6})?)%");
  private static final Pattern RATIO = Pattern.compile("1/([1-9]\\d{0,5})");

  private Part() {}

  /** The part, above 0 and at most 1; empty if the text is none. */
  public static Optional<Double> parse(String text) {
    Matcher percent = PERCENT.matcher(text);
    Matcher ratio = RATIO.matcher(text);
    Optional<Double> part =
        percent.matches()
            ? Optional.of(Double.parseDouble(percent.group(1)) / 100)
            : ratio.matches()
                ? Optional.of(1 / Double.parseDouble(ratio.group(1)))
                : Optional.empty();
    return part.filter(number -> number > 0 && number <= 1);
  }
}
