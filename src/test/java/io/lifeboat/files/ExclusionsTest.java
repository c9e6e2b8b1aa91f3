package io.lifeboat.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExclusionsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "**/*.tmp a.tmp",
        "**/*.tmp a/b/c.tmp",
        "*.tmp a.tmp",
        "**.tmp a/b.tmp",
        "a/** a/b/c",
        "a/**/c a/c",
        "a/**/c a/x/y/c",
        "a?c abc",
        "a?c a🛟c",
        "[a-c]x bx",
        "[!a-c]x dx",
        "[^a-c]x dx",
        "[]]x ]x",
        "[.]x .x",
        "{a,b/c}/d b/c/d",
        "a.b a.b",
        "a+(b) a+(b)",
        "a\\*b a*b",
        "a,b a,b",
        "a} a}",
        "größe* größer",
        "$a^ $a^",
      })
  void matches(String pattern, String path) {
    assertThat(new Exclusions(List.of("other", pattern)).matches(path, () -> false)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "**/*.tmp a.tmpx",
        "*.tmp a/b.tmp",
        "a/** a",
        "a/** ab/c",
        "a?c a/c",
        "a*c a/c",
        "[!b]x /x",
        "a[!b]x a/x",
        "a.b axb",
        "A a",
        "a\\*b axb",
        "a a/b",
      })
  void doesNotMatch(String pattern, String path) {
    assertThat(new Exclusions(List.of(pattern)).matches(path, () -> true)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"**/cache/", "a/cache/"})
  void aSlashAtTheEndIsForFoldersOnly(String pattern) {
    var exclusions = new Exclusions(List.of(pattern));

    assertThat(exclusions.matches("a/cache", () -> true)).isTrue();
    assertThat(exclusions.matches("a/cache", () -> false)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "/absolute", "[a", "{a", "[z-a]"})
  void patternsThatMakeNoSenseAreRefused(String pattern) {
    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(() -> new Exclusions(List.of(pattern)))
        .withMessageContaining("'" + pattern + "'")
        .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
  }
}
