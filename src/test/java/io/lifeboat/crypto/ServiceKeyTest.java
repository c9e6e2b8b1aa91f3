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
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServiceKeyTest {
  private final SecureRandom random = new SecureRandom();
  private final RecoveryKit kit =
      RecoveryKit.generate(random, List.of(), LocalDate.of(2026, 11, 23));
  private final ServiceKey key = ServiceKey.generate(random, kit);

  @Test
  void aServiceKeyIsReadBackFromItsText() {
    assertThat(ServiceKey.parse("service.key", key.fileText())).isEqualTo(key);
    assertThat(key.recovery()).isEqualTo(kit.recipients()).hasSize(2);
    assertThat(key.admin()).isEqualTo(kit.admin());
  }

  @Test
  void aServiceKeyHoldsNothingThatReadsBackups() {
    String text = key.fileText();

    for (XWingIdentity identity : kit.identities()) {
      assertThat(text)
          .doesNotContain(identity.secretText().substring("AGE-SECRET-KEY-PQ-1".length()));
    }
    assertThat(text)
        .doesNotContain("LIFEBOAT-ADMIN-")
        .doesNotContain(kit.requireAdmin().secretText().substring(25));
    byte[] file = new AgeFiles(random).encrypt(kit.recipients(), new byte[32]);
    assertThatThrownBy(() -> new AgeFiles(random).decrypt(List.of(key.requireMaintenance()), file))
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_MISMATCH));
  }

  @Test
  void aNodeThatCouldReadItsOwnBackupsIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new ServiceKey(
                key.writer(),
                Optional.of(kit.identities().getFirst()),
                key.domainRoot(),
                key.admin(),
                key.recovery()));
    String text =
        key.fileText()
            .replace(
                key.requireMaintenance().secretText(), kit.identities().getFirst().secretText());

    assertInvalid(text, "line 5", "maintenance");
  }

  @Test
  void aNodeOfOneRoleHasNothingForTheOther() {
    ServiceKey writer = ServiceKey.writerOnly(random, kit.admin(), kit.recipients());
    ServiceKey maintainer = ServiceKey.maintenanceOnly(random, kit.admin(), kit.recipients());

    assertThat(ServiceKey.parse("service.key", writer.fileText())).isEqualTo(writer);
    assertThat(ServiceKey.parse("service.key", maintainer.fileText())).isEqualTo(maintainer);
    assertThatThrownBy(writer::requireMaintenance).hasMessageContaining("only writes");
    assertThatThrownBy(() -> maintainer.domainKey("repository", "source"))
        .hasMessageContaining("only maintains");
    // A line that got lost does not make another role of it.
    assertInvalid(
        writer.fileText().replaceAll("(?m)^domain-root .*\n", ""), "service.key", "domain-root");
    assertInvalid(
        maintainer.fileText().replace("roles maintain\n", ""), "service.key", "domain-root");
    assertInvalid(key.fileText() + "roles write\n", "line 5", "role write");
    assertInvalid(key.fileText() + "roles all\n", "line 10", "neither");
  }

  @Test
  void eachMistakeIsNamedWithItsLine() {
    List<String> lines = key.fileText().lines().toList();
    assertInvalid("", "lifeboat-service-key 1", "");
    assertInvalid(key.fileText().replace("service-key 1", "service-key 2"), "line 3", "");
    assertInvalid(key.fileText() + "surprise 1\n", "line 10", "none of");
    assertInvalid(key.fileText() + lines.get(3) + "\n", "line 10", "second \"writer\"");
    assertInvalid(key.fileText() + lines.get(7) + "\n", "line 10", "before");
    assertInvalid(key.fileText() + "recovery age1pq1qqqq\n", "line 10", "1959");
    for (int i = 3; i < 7; i++) {
      List<String> fewer = new ArrayList<>(lines);
      String name = fewer.remove(i).split(" ", 2)[0];
      assertInvalid(String.join("\n", fewer), "service.key", "\"" + name + "\"");
      List<String> mistyped = new ArrayList<>(lines);
      String last = lines.get(i).endsWith("q") || lines.get(i).endsWith("Q") ? "p" : "q";
      mistyped.set(i, lines.get(i).substring(0, lines.get(i).length() - 1) + last);
      assertInvalid(String.join("\n", mistyped), "line " + (i + 1), "");
    }
    assertInvalid(String.join("\n", lines.subList(0, 7)), "service.key", "\"recovery\"");
  }

  @Test
  void aWriterKeyCannotStandInForAnotherSecret() {
    List<String> lines = new ArrayList<>(key.fileText().lines().toList());
    lines.set(5, "domain-root " + lines.get(3).split(" ", 2)[1]);

    assertInvalid(String.join("\n", lines), "line 6", "LIFEBOAT-DOMAIN-ROOT-1");
  }

  private void assertInvalid(String text, String where, String what) {
    assertThatThrownBy(() -> ServiceKey.parse("service.key", text))
        .hasMessageContaining(where)
        .hasMessageContaining(what)
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.KEY_FILE_INVALID);
              assertThat(e.hint()).isNotBlank();
              assertThat(e.getMessage())
                  .doesNotContain(key.writer().secretText().substring(22, 40));
            });
  }
}
