package io.lifeboat.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.PermanentException;
import java.time.LocalDateTime;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 2 * * *        | 2026-01-01T00:00 | 2026-01-01T02:00",
        "0 2 * * *        | 2026-01-01T02:00 | 2026-01-02T02:00",
        "0 2 * * *        | 2026-01-01T01:59:59 | 2026-01-01T02:00",
        "*/15 * * * *     | 2026-01-01T00:01 | 2026-01-01T00:15",
        "5/20 8-10 * * *  | 2026-01-01T10:45 | 2026-01-02T08:05",
        "0 4 * * 0        | 2026-01-01T00:00 | 2026-01-04T04:00",
        "0 4 * * 7        | 2026-01-01T00:00 | 2026-01-04T04:00",
        "0 4 * * mon-fri  | 2026-01-02T05:00 | 2026-01-05T04:00",
        "0 0 29 2 *       | 2026-01-01T00:00 | 2028-02-29T00:00",
        "0 0 1 jan,JUL *  | 2026-01-01T00:00 | 2026-07-01T00:00",
        "0 0 13 * 5       | 2026-01-01T00:00 | 2026-01-02T00:00",
        "0 0 29 2 *       | 2096-03-01T00:00 | 2104-02-29T00:00",
      })
  void theNextMinuteIsTheFirstThatMatches(String cron, LocalDateTime after, LocalDateTime next) {
    assertThat(Cron.parse(cron).next(after)).contains(next);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "*/0 * * * *",
        "5-1 * * * *",
        "a * * * *",
        "1, * * * *",
        "- * * * *",
        "0 0 30 2 *",
        "0 0 31 feb,apr *",
        "99999 * * * *",
        "@daily"
      })
  void whatIsNoExpressionIsRefused(String cron) {
    assertThatThrownBy(() -> Cron.parse(cron)).isInstanceOf(PermanentException.class);
  }

  @Test
  void noMatchingMinuteIsEverJumpedOver() {
    var random = new Random(20261123);
    for (int i = 0; i < 200; i++) {
      String text =
          random.nextInt(60) + " */" + (1 + random.nextInt(12)) + " * * " + random.nextInt(8);
      var cron = Cron.parse(text);
      var start = LocalDateTime.of(2026, 1, 1, 0, 0).plusMinutes(random.nextInt(500_000));
      var next = cron.next(start).orElseThrow();
      assertThat(cron.matches(next)).as("%s after %s", text, start).isTrue();
      for (var minute = start.plusMinutes(1);
          minute.isBefore(next);
          minute = minute.plusMinutes(1)) {
        assertThat(cron.matches(minute)).as("%s at %s", text, minute).isFalse();
      }
    }
  }
}
