package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Attributes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Whom restored entries belong to. Only root can give files away: for anybody else they belong to
 * who restores them.
 */
public final class Ownership {
  private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

  private final boolean set;
  private final Map<String, Integer> users;
  private final Map<String, Integer> groups;

  private Ownership(boolean set, Map<String, Integer> users, Map<String, Integer> groups) {
    this.set = set;
    this.users = users;
    this.groups = groups;
  }

  /** The numbers that the snapshot has. */
  public static Ownership asRecorded() {
    return new Ownership(ROOT, Map.of(), Map.of());
  }

  /** Whoever restores. */
  public static Ownership ofWhoRestores() {
    return new Ownership(false, Map.of(), Map.of());
  }

  /**
   * The numbers that the snapshot has, but for some users and groups.
   *
   * @param users pairs {@code FROM:TO}, each a name or a number; names on the left are those of the
   *     snapshot, names on the right those of this machine
   * @param groups the same for groups
   * @throws PermanentException with code {@code USAGE_INVALID}
   */
  public static Ownership mapped(List<String> users, List<String> groups) {
    if (!ROOT) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "Only root can give files to other owners",
          "Run the restore as root, or leave --map-owner and --map-group out.");
    }
    return new Ownership(
        true,
        pairs("--map-owner", users, CoreUtilities::userId),
        pairs("--map-group", groups, CoreUtilities::groupId));
  }

  private static Map<String, Integer> pairs(
      String option, List<String> texts, Function<String, Optional<Integer>> known) {
    Map<String, Integer> pairs = new LinkedHashMap<>();
    for (String text : texts) {
      String[] sides = text.split(":", -1);
      if (sides.length != 2 || sides[0].isEmpty() || sides[1].isEmpty()) {
        throw invalid(option, text, "is not FROM:TO");
      }
      int to =
          number(sides[1])
              .or(() -> known.apply(sides[1]))
              .orElseThrow(() ->
                  invalid(option, text, "names '" + sides[1] + "', which this machine has not"));
      pairs.put(sides[0], to);
    }
    return pairs;
  }

  private static Optional<Integer> number(String text) {
    try {
      return Optional.of(Integer.parseUnsignedInt(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static PermanentException invalid(String option, String text, String why) {
    return new PermanentException(
        ErrorCode.USAGE_INVALID,
        option + " '" + text + "' " + why,
        "Give a name or number of the snapshot and one of this machine, such as www-data:33.");
  }

  boolean isSet() {
    return set;
  }

  int uid(Attributes attributes) {
    return mapped(users, attributes.user(), attributes.uid());
  }

  int gid(Attributes attributes) {
    return mapped(groups, attributes.group(), attributes.gid());
  }

  private static int mapped(Map<String, Integer> pairs, String name, int number) {
    Integer to = pairs.get(name);
    if (to == null) {
      to = pairs.get(Integer.toUnsignedString(number));
    }
    return to == null ? number : to;
  }
}
