package io.lifeboat.config;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bytes, or bytes a second, as people write them: {@code 500KiB}, {@code 50MiB}, {@code 1GiB}. */
public final class ByteAmount {
  private static final Pattern TEXT = Pattern.compile("([1-9]\\d{0,6})([KMG])iB");
  private static final String UNITS = "KMG";

  private ByteAmount() {}

  /** How many; empty if the text says nothing of the kind. */
  public static OptionalLong parse(String text) {
    Matcher amount = TEXT.matcher(text);
    if (!amount.matches()) {
      return OptionalLong.empty();
    }
    int shift = 10 * (1 + UNITS.indexOf(amount.group(2)));
    return OptionalLong.of(Long.parseLong(amount.group(1)) << shift);
  }
}
