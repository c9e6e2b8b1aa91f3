package io.lifeboat.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecoveryKitTest {
  private static final String STORE = "s3:https://s3.example.org/lifeboat/prod";

  private final RecoveryKit kit =
      RecoveryKit.generate(
          new SecureRandom(),
          List.of(
              new RecoveryKit.KnownRepository("b1946ac92492d234", STORE),
              new RecoveryKit.KnownRepository("591785b794601e21", "folder:/it's here")),
          LocalDate.of(2026, 11, 23));

  @Test
  void aKitIsReadBackFromItsText() {
    assertThat(RecoveryKit.parse("kit", kit.fileText())).isEqualTo(kit);
    assertThat(RecoveryKit.parse("kit", kit.fileText().replace("\n", "  \r\n"))).isEqualTo(kit);
  }

  @Test
  void aKitFitsOnePrintedPageAndSaysHowToRestore() {
    List<String> lines = kit.fileText().lines().toList();

    assertThat(lines)
        .hasSizeLessThanOrEqualTo(60)
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    assertThat(kit.fileText())
        .isASCII()
        .contains("lifeboat restore --identity recovery-kit.txt")
        .contains("--store '" + STORE + "'", "--store 'folder:/it'\\''s here'")
        .contains("--source SOURCE --target FOLDER")
        .contains("2026-11-23", "b1946ac92492d234");
  }

  @Test
  void theFourLinesThatThePageNamesAreEnough() {
    List<String> lines = kit.fileText().lines().toList();
    String admin =
        lines.stream().filter(l -> l.startsWith("# LIFEBOAT-ADMIN-1")).findFirst().orElseThrow();
    String identity =
        lines.stream().filter(l -> l.startsWith("AGE-SECRET-KEY-PQ-1")).findFirst().orElseThrow();
    String typed = String.join("\n", lines.get(0), lines.get(1), admin, identity);

    assertThat(RecoveryKit.parse("typed", typed))
        .isEqualTo(
            new RecoveryKit(
                List.of(kit.identities().getFirst()),
                kit.admin(),
                kit.adminSecret(),
                List.of(),
                kit.created()));
  }

  @Test
  void aKitWithThePublicHalfOfTheAdminKeyReadsAndSignsNothing() {
    RecoveryKit reading = kit.another(new SecureRandom(), LocalDate.of(2026, 11, 24));

    RecoveryKit back = RecoveryKit.parse("kit", reading.fileText());

    assertThat(back).isEqualTo(reading);
    assertThat(back.admin()).isEqualTo(kit.admin());
    assertThat(back.identities()).doesNotContainAnyElementsOf(kit.identities());
    assertThat(reading.fileText()).doesNotContainPattern("(?m)^# LIFEBOAT-ADMIN-1");
    assertThatThrownBy(back::requireAdmin).hasMessageContaining("reads only");
    assertInvalid(reading.fileText() + "# " + kit.admin().text() + "\n", "second admin key");
    assertInvalid(
        reading.fileText().replace("# lifeboat-verify-1", "# lifeboat-verify-1q"), "public half");
  }

  @Test
  void aKitIsAnIdentityFileOfAge() {
    assertThat(kit.fileText().lines())
        .allSatisfy(line -> assertThat(line).matches("#.*|AGE-SECRET-KEY-PQ-1[A-Z0-9]{58}"))
        .filteredOn(line -> !line.startsWith("#"))
        .containsExactlyElementsOf(
            kit.identities().stream().map(XWingIdentity::secretText).toList());
  }

  @Test
  void everySecretCharacterThatIsMistypedIsNoticedWithItsLine() {
    List<String> lines = kit.fileText().lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      int secretAt =
          line.startsWith("AGE-SECRET-KEY-PQ-1")
              ? 19
              : line.startsWith("# LIFEBOAT-ADMIN-1") ? 18 : 99;
      for (int at = secretAt; at < line.length(); at++) {
        List<String> mistyped = new ArrayList<>(lines);
        char other = line.charAt(at) == '7' ? 'Z' : '7';
        mistyped.set(i, line.substring(0, at) + other + line.substring(at + 1));
        assertInvalid(String.join("\n", mistyped), "kit, line " + (i + 1));
      }
    }
  }

  @Test
  void eachMistakeIsNamed() {
    String text = kit.fileText();
    assertInvalid("", "kit, line 1");
    assertInvalid(text.replace("format 1", "format 2"), "kit, line 1");
    assertInvalid(text.replace("2026-11-23", "yesterday"), "not a date");
    assertInvalid(text.replace("# created", "# made"), "created");
    assertInvalid(text.replace("# LIFEBOAT-ADMIN-1", "# "), "admin key");
    assertInvalid(text.replace("# store: " + STORE + "\n", ""), "next line");
    assertInvalid(text.replace("AGE-SECRET", "# AGE-SECRET"), "recovery identity");
    assertInvalid(
        text + "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX",
        "AGE-SECRET-KEY-PQ-1");
    String admin =
        text.lines()
            .filter(line -> line.startsWith("# LIFEBOAT-ADMIN-1"))
            .findFirst()
            .orElseThrow();
    assertInvalid(text + admin + "\n", "second admin key");
  }

  @Test
  void aStoreWithALineBreakCannotForgeALineOfTheKit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RecoveryKit.KnownRepository("id", "folder:/x\nAGE-SECRET-KEY-PQ-1"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RecoveryKit.KnownRepository(" ", "folder:/x"));
  }

  @Test
  void aKitHoldsAtLeastOneIdentityAndNoneTwice() {
    XWingIdentity one = kit.identities().getFirst();
    for (List<XWingIdentity> identities : List.of(List.<XWingIdentity>of(), List.of(one, one))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() ->
              new RecoveryKit(
                  identities, kit.admin(), kit.adminSecret(), List.of(), kit.created()));
    }
  }

  private void assertInvalid(String text, String where) {
    assertThatThrownBy(() -> RecoveryKit.parse("kit", text))
        .hasMessageContaining(where)
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.KEY_FILE_INVALID);
              assertThat(e.hint()).isNotBlank();
              for (XWingIdentity identity : kit.identities()) {
                assertThat(e.getMessage()).doesNotContain(identity.secretText().substring(30, 60));
              }
            });
  }
}
