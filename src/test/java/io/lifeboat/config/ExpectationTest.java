package io.lifeboat.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.config.Expectation.Outcome;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpectationTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "> 0|1|MET",
        "> 0|0|MISSED",
        ">0|0.0001|MET",
        "= 42|42.0|MET",
        "= 42|43|MISSED",
        "!= 42|43|MET",
        "<= -1|-1|MET",
        "< 10|9|MET",
        "< 10|many|INCOMPARABLE",
        "= 'paid'|paid|MET",
        "= 'paid'|Paid|MISSED",
        "!= 'it''s'|it's|MISSED",
        ">= 2024-01-01|2024-01-01|MET",
        ">= 2024-01-01|2023-12-31 23:59:59.999+00|MISSED",
        ">= 2024-01-01T00:00:00Z|2024-01-01 02:00:00+02|MET",
        "> 2024-01-01 00:00:00+00|2024-01-01 00:00:00.000001+00|MET",
        "< 2024-01-01|12|INCOMPARABLE",
        "between 1 and 9|9|MET",
        "between 1 and 9|10|MISSED",
        "BETWEEN 'a b' AND 'c'|b|MET",
        "= true|t|MET",
        "= true|f|MISSED",
        "!= null|0|MET",
        "= null|0|MISSED"
      })
  void aValueIsJudgedAsTheLiteralsKind(String expectation, String value, Outcome outcome) {
    assertThat(Expectation.parse(expectation).judge(Optional.of(value))).isEqualTo(outcome);
  }

  @ParameterizedTest
  @CsvSource({"> 0,MISSED", "= null,MET", "!= null,MISSED", "!= 3,MET", "between 1 and 2,MISSED"})
  void noValueMeetsOnlyWhatAllowsIt(String expectation, Outcome outcome) {
    assertThat(Expectation.parse(expectation).judge(Optional.empty())).isEqualTo(outcome);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "> ",
        ">> 0",
        "> 0 0",
        "== 0",
        "> paid",
        "= 'open",
        "= 'a' 'b'",
        "= 'a'b",
        "> null",
        "< true",
        "between 1",
        "between 1 and",
        "between 1 and 'a'",
        "between true and false",
        "=> 0",
        "= 2024-13-01",
        "= 1e5",
        "like 'a'",
        "> 0; drop table x"
      })
  void anythingElseIsRefusedWithAHint(String text) {
    assertThatThrownBy(() -> Expectation.parse(text))
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
              assertThat(e).hasMessageContaining(text);
              assertThat(e.hint()).contains("> 0");
            });
  }

  @Test
  void itPrintsAsItWasWritten() {
    assertThat(Expectation.parse(" > 0 ")).hasToString("> 0");
  }
}
