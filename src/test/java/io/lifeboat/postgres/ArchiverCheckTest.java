package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiverCheckTest {
  private static final String COMMAND = "/opt/lifeboat/scripts/lifeboat wal-push --plan shop %p";

  @TempDir Path folder;

  private static List<String> ill(String command, String library, int timeout, boolean failing) {
    var facts =
        new ArchiverFacts(
            new Lsn(0), "on", command, library, timeout, 3, Optional.of("0000"), failing);
    return check().findings(facts).stream().filter(found -> !found.ok()).map(Finding::id).toList();
  }

  private static ArchiverCheck check() {
    var nowhere = PostgresAddress.parse("postgresql://x@127.0.0.1:1/x", Optional.empty());
    return new ArchiverCheck(new PostgresServer(nowhere), "shop", COMMAND);
  }

  @Test
  void whatIsSetAsItShouldBeIsWell() {
    assertThat(ill(COMMAND, "", 60, false)).isEmpty();
    assertThat(ill("x wal-push --socket s --plan 'shop' %p", "", 60, false)).isEmpty();
  }

  @Test
  void aCommandThatIsNotOursIsToldOf() {
    assertThat(ill("cp %p /archive", "", 60, false)).containsExactly("archive_command");
    assertThat(ill("x wal-push --plan shop-nightly %p", "", 60, false))
        .containsExactly("archive_command");
    assertThat(ill(COMMAND, "basic_archive", 60, false)).containsExactly("archive_command");
  }

  @Test
  void anUnboundedRecoveryPointAndFailuresAreToldOf() {
    assertThat(ill(COMMAND, "", 0, false)).containsExactly("archive_timeout");
    assertThat(ill(COMMAND, "", 60, true)).containsExactly("archiver");
  }

  @Test
  void aServerThatDoesNotAnswerIsAFinding() {
    assertThat(check().run()).hasSize(1).noneMatch(Finding::ok);
  }

  @Test
  @Tag("slow")
  void aRealServerSaysHowItArchives() throws Exception {
    try (SourceCluster source = SourceCluster.start(15, 1, folder, Map.of("archive_mode", "off"))) {
      ArchiverFacts off = ArchiverFacts.of(source.server());
      assertThat(off.archives()).isFalse();
      assertThat(new ArchiverCheck(source.server(), "shop", COMMAND).run())
          .singleElement()
          .satisfies(found ->
              assertThat(found.remedySql()).get().asString().contains("archive_mode", COMMAND));
      source.restart(
          Map.of("archive_mode", "on", "archive_command", "false", "archive_timeout", "90s"));
      String name = source.ask("SELECT pg_walfile_name(pg_switch_wal())");
      ArchiverFacts on = ArchiverFacts.of(source.server());
      while (on.lastFailed().isEmpty()) {
        on = ArchiverFacts.of(source.server());
      }
      assertThat(on.archives()).isTrue();
      assertThat(on.command()).isEqualTo("false");
      assertThat(on.timeoutSeconds()).isEqualTo(90);
      assertThat(on.failing()).isTrue();
      assertThat(on.lastFailed().orElseThrow()).isLessThanOrEqualTo(name);
    }
  }
}
