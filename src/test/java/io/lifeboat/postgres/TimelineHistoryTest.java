package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.TimelineHistory.Ancestor;
import io.lifeboat.postgres.TimelineHistory.Leg;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimelineHistoryTest {
  private static TimelineHistory parse(int timeline, String text) {
    return TimelineHistory.parse(timeline, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void theFileOfAServerIsRead() {
    TimelineHistory history =
        parse(
            4,
            """
            1\t0/3000060\tno recovery target specified

            # by hand
              2\t0/A000000\tbefore 2026-01-01 00:00:00+01 \u00e9
            """);
    assertThat(history.ancestors())
        .containsExactly(
            new Ancestor(1, Lsn.parse("0/3000060")), new Ancestor(2, Lsn.parse("0/A000000")));
    assertThat(history.endOf(2)).contains(Lsn.parse("0/A000000"));
    assertThat(history.endOf(4)).isEmpty();
    assertThat(history.legs())
        .startsWith(new Leg(1, new Lsn(0), Optional.of(Lsn.parse("0/3000060"))))
        .endsWith(new Leg(4, Lsn.parse("0/A000000"), Optional.empty()))
        .hasSize(3);
    assertThat(TimelineHistory.first().legs())
        .isEqualTo(List.of(new Leg(1, new Lsn(0), Optional.empty())));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# nothing",
        "x\t0/1\treason",
        "1 0x1",
        "1\t0/300006000\tr",
        "9999999999\t0/1\tr",
        "2\t0/5\tr\n1\t0/6\tr",
        "1\t0/5\tr\n2\t0/4\tr",
        "4\t0/5\tr"
      })
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> parse(4, text))
        .isInstanceOf(PermanentException.class)
        .hasMessageContaining("history of timeline 4");
  }
}
