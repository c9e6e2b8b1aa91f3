package io.lifeboat.store;

import java.util.regex.Pattern;

/**
 * The rule for names of objects: such names are safe as S3 keys, as paths of a folder, and in
 * messages.
 */
public final class ObjectName {
  private static final int LONGEST = 512;
  private static final Pattern RULE =
      Pattern.compile("[a-zA-Z0-9_-][a-zA-Z0-9._-]{0,254}(/[a-zA-Z0-9_-][a-zA-Z0-9._-]{0,254})*");

  private ObjectName() {}

  /** Whether an object may have this name. */
  public static boolean isValid(String name) {
    return name.length() <= LONGEST && RULE.matcher(name).matches();
  }

  /**
   * Answers the name.
   *
   * @throws IllegalArgumentException if no object may have it: a defect of the caller
   */
  public static String require(String name) {
    if (!isValid(name)) {
      throw new IllegalArgumentException("Not a name for an object: '" + name + "'");
    }
    return name;
  }

  /**
   * Answers the prefix: nothing, or the beginning of a valid name.
   *
   * @throws IllegalArgumentException if no object's name may start like this
   */
  public static String requirePrefix(String prefix) {
    boolean endsInSlash = prefix.endsWith("/");
    String beginning = endsInSlash ? prefix.substring(0, prefix.length() - 1) : prefix;
    if (!prefix.isEmpty() && !isValid(beginning)) {
      throw new IllegalArgumentException("No object's name starts with '" + prefix + "'");
    }
    return prefix;
  }
}
