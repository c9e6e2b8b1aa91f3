package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TablespaceMapTest {
  @Test
  void everyTablespaceGetsItsNewPlace() {
    byte[] rewritten =
        TablespaceMap.rewrite(
            bytes("16389 /srv/fast\n16390 /srv/big disk\n"),
            Map.of(16389L, "/new/a", 16390L, "/new/b c", 7L, "/of/another"));
    assertThat(rewritten).isEqualTo(bytes("16389 /new/a\n16390 /new/b c\n"));
  }

  @Test
  void oddBytesOfAPathAreEscapedAsPostgresqlReadsThem() {
    byte[] rewritten = TablespaceMap.rewrite(bytes("1 /x\n"), Map.of(1L, "/a\\b\nc\rd"));
    assertThat(rewritten).isEqualTo(bytes("1 /a\\\\b\\\nc\\\rd\n"));
    assertThat(TablespaceMap.parse(rewritten)).isEqualTo(Map.of(1L, "/a\\b\nc\rd"));
  }

  @Test
  void aTablespaceWithoutAPlaceIsNeverLeftWhereTheSourceHasIt() {
    PermanentException failure =
        catchThrowableOfType(
            PermanentException.class,
            () -> TablespaceMap.rewrite(bytes("16389 /srv/fast\n"), Map.of(2L, "/x")));
    assertThat(failure.code()).isEqualTo(ErrorCode.USAGE_INVALID);
    assertThat(failure).hasMessageContaining("16389");
  }

  @Test
  void aRelativePlaceIsRefused() {
    PermanentException failure =
        catchThrowableOfType(
            PermanentException.class,
            () -> TablespaceMap.rewrite(bytes("1 /srv/fast\n"), Map.of(1L, "new")));
    assertThat(failure.code()).isEqualTo(ErrorCode.USAGE_INVALID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"16389", "16389 /a", "x /a\n", " /a\n", "16389 /a\\"})
  void whatIsNoMapIsRefused(String text) {
    PermanentException failure =
        catchThrowableOfType(PermanentException.class, () -> TablespaceMap.parse(bytes(text)));
    assertThat(failure.code()).isEqualTo(ErrorCode.MANIFEST_MISMATCH);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
