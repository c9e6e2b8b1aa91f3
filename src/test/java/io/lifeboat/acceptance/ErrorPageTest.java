package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever follows an error to its page finds it explained there. */
class ErrorPageTest {
  private static final Path PAGE = Path.of("docs/errors.md");
  private static final String HEADING = "## ";

  @Test
  void thePageHasOneSectionForEachCodeInTheOrderOfTheCodesAndNoOther() throws Exception {
    List<String> sections =
        Files.readAllLines(PAGE).stream()
            .filter(line -> line.startsWith(HEADING))
            .map(line -> line.substring(HEADING.length()))
            .toList();
    assertThat(sections)
        .containsExactlyElementsOf(
            Arrays.stream(ErrorCode.values()).map(ErrorPageTest::anchor).toList());
  }

  @ParameterizedTest
  @EnumSource
  void theSectionSaysTheExitStatusAndWhatToDo(ErrorCode code) throws Exception {
    assertThat(section(code)).contains("Exit " + code.kind().exitStatus()).contains("- *Do:* ");
  }

  @ParameterizedTest
  @EnumSource
  void theRunbookOfACodeIsAPageOfTheProject(ErrorCode code) {
    String[] runbook = code.runbook().split("#");
    assertThat(Path.of(runbook[0])).isRegularFile();
    if (runbook.length > 1) {
      assertThat(runbook[0]).isEqualTo(PAGE.toString());
      assertThat(runbook[1]).isEqualTo(anchor(code));
    }
  }

  private static String anchor(ErrorCode code) {
    return code.name().toLowerCase(Locale.ROOT);
  }

  private static String section(ErrorCode code) throws IOException {
    String page = Files.readString(PAGE);
    int start = page.indexOf("\n" + HEADING + anchor(code) + "\n");
    int end = page.indexOf("\n" + HEADING, start + 1);
    return page.substring(start, end < 0 ? page.length() : end);
  }
}
