package io.lifeboat.postgres;

import static io.lifeboat.postgres.Finding.Severity.ADVICE;

import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;

/**
 * Until when the PostgreSQL project mends a major version.
 *
 * @see <a href="https://www.postgresql.org/support/versioning/">Versioning policy</a>
 */
final class ServerSupport {
  private static final Map<Integer, LocalDate> LAST_RELEASE =
      Map.of(
          15, LocalDate.of(2027, 11, 11),
          16, LocalDate.of(2028, 11, 9),
          17, LocalDate.of(2029, 11, 8),
          18, LocalDate.of(2030, 11, 14));

  private ServerSupport() {}

  /** What that means today; for majors that Lifeboat backs up. */
  static Finding finding(int major, LocalDate today) {
    Optional<LocalDate> last = Optional.ofNullable(LAST_RELEASE.get(major));
    if (last.isEmpty()) {
      return Finding.well(
          "support", ADVICE, "PostgreSQL " + major + " is newer than this Lifeboat.");
    }
    return today.isAfter(last.get())
        ? new Finding(
            "support",
            false,
            ADVICE,
            "PostgreSQL "
                + major
                + " had its last release on "
                + last.get()
                + ": errors that lose data are no longer mended. Upgrade it.",
            Optional.empty())
        : Finding.well(
            "support", ADVICE, "PostgreSQL " + major + " is mended until " + last.get() + ".");
  }
}
