package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LsnTest {
  @ParameterizedTest
  @ValueSource(strings = {"0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF"})
  void whatIsReadIsWrittenTheSame(String text) {
    assertThat(Lsn.parse(text)).hasToString(text);
  }

  @Test
  void positionsAreOrderedWithoutASign() {
    assertThat(Lsn.parse("FFFFFFFF/0")).isGreaterThan(Lsn.parse("7FFFFFFF/0"));
  }

  @Test
  void aRangeThatEndsAtABoundaryDoesNotNeedTheNextSegment() {
    Lsn boundary = Lsn.parse("0/2000000");
    assertThat(boundary.segment(1 << 24)).isEqualTo(2);
    assertThat(boundary.lastSegment(1 << 24)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "/1", "1/", "123456789/0", "0/123456789", "x/1", "0/-1"})
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> Lsn.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
