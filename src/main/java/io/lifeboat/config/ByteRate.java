package io.lifeboat.config;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bytes a second as people write them: {@code 500KiB}, {@code 50MiB}, {@code 1GiB}. */
public final class ByteRate {
  private static final Pattern TEXT = Pattern.compile("([1-9]\\d{0,6})([KMG])iB");
  private static final String UNITS = "KMG";

  private ByteRate() {}

  /** The bytes a second; empty if the text is no rate. */
  public static OptionalLong parse(String text) {
    Matcher rate = TEXT.matcher(text);
    if (!rate.matches()) {
      return OptionalLong.empty();
    }
    int shift = 10 * (1 + UNITS.indexOf(rate.group(2)));
    return OptionalLong.of(Long.parseLong(rate.group(1)) << shift);
  }
}
