package io.lifeboat.drill.scratch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.drill.FolderSnapshot;
import io.lifeboat.drill.scratch.PostgresScratch.Access;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.PostgresPrograms;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.progress.Progress;
import io.lifeboat.restore.FolderTarget;
import io.lifeboat.restore.RestoreEngine;
import io.lifeboat.restore.RestoreSelection;
import io.lifeboat.restore.RestoreTarget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("docker")
class DockerScratchTest {
  static final String IMAGE = "lifeboat/postgres:15";
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @TempDir static Path sourceFolder;
  private static ClusterFacts facts;
  private static FolderSnapshot snapshot;

  @TempDir Path work;

  @BeforeAll
  static void backUp() throws Exception {
    Path backup = Files.createDirectory(sourceFolder.resolve("backup"));
    PostgresPrograms programs = PostgresPrograms.find(15, Optional.empty(), "");
    try (var source = SourceCluster.start(programs, sourceFolder.resolve("source"))) {
      Path place = Files.createDirectory(sourceFolder.resolve("place"));
      source.sql("create tablespace far location '" + place + "'");
      source.sql(
          "create table public.orders(id int primary key, note text)",
          "insert into public.orders select i, 'paid' from generate_series(1, 2000) i",
          "create table public.far_orders tablespace far as select * from public.orders");
      facts = source.backUp("b1", backup);
    }
    snapshot = new FolderSnapshot("b1", "postgres", facts.toJson(), backup);
  }

  private ScratchFactory factory() {
    return new ScratchFactory(work, FolderTarget::new, Clock.systemUTC());
  }

  private static ScratchRequest request(String image) {
    return new ScratchRequest(
        "d1", ScratchKind.docker, Optional.of(image), Optional.empty(), facts);
  }

  private static void restore(PostgresScratch scratch) {
    try (RestoreTarget target = scratch.target()) {
      new RestoreEngine().restore(snapshot, RestoreSelection.everything(), target, Progress.none());
    }
  }

  @Test
  void aRestoredClusterBootsInAContainerThatReachesNothing() {
    DockerEngine engine = new DockerConnection().engine();
    String container;
    try (ScratchFactory factory = factory();
        PostgresScratch scratch = factory.postgres(request(IMAGE))) {
      container = ours(engine, factory);
      restore(scratch);
      assertThat(scratch.verifyManifest(Progress.none())).isInstanceOf(ManifestFinding.Sound.class);
      assertThat(scratch.start(MINUTE, Progress.none())).isEqualTo(new Startup.Ready());

      assertThat(ask(scratch, "select count(*), null, '' from orders"))
          .isEqualTo(
              new SqlOutcome.Rows(
                  List.of(List.of(Optional.of("2000"), Optional.empty(), Optional.of("")))));
      assertThat(ask(scratch, "select count(*) from far_orders")).hasToString(rows("2000"));
      assertThat(ask(scratch, "select id, note from orders where id < 3 order by 1"))
          .isEqualTo(
              new SqlOutcome.Rows(
                  List.of(
                      List.of(Optional.of("1"), Optional.of("paid")),
                      List.of(Optional.of("2"), Optional.of("paid")))));
      assertThat(ask(scratch, "select 1 where false")).isEqualTo(new SqlOutcome.Rows(List.of()));
      assertThat(ask(scratch, "select ''")).hasToString(rows(""));
      assertThat(ask(scratch, "delete from orders"))
          .isInstanceOfSatisfying(
              SqlOutcome.Refused.class, refused -> assertThat(refused.state()).isEqualTo("25006"));
      assertThat(ask(scratch, "select * from absent"))
          .isInstanceOfSatisfying(
              SqlOutcome.Refused.class,
              refused -> assertThat(SqlFault.isAbsence(refused)).isTrue());

      assertThat(engine.run(container, List.of("ls", "/sys/class/net")).out().strip())
          .isEqualTo("lo");
      assertThat(
              engine
                  .run(
                      container,
                      List.of("bash", "-c", "exec 3<>/dev/tcp/172.17.0.1/80 && echo connected"))
                  .err())
          .contains("Network is unreachable");
      assertThat(engine.run(container, List.of("id", "-un")).out().strip()).isEqualTo("postgres");
      assertThat(scratch.facts().network()).isEqualTo("none");
      assertThat(scratch.facts().image()).startsWith(IMAGE + "@sha256:");
    }
    assertThat(engine.labelled()).noneMatch(labelled -> labelled.name().equals(container));
    assertThat(work.resolve("ledger")).isEmptyDirectory();
  }

  @Test
  void anImageThatIsNotThereOrNotOfThisVersionIsNoFaultOfTheBackup() {
    try (ScratchFactory factory = factory()) {
      assertThatThrownBy(() -> factory.postgres(request("127.0.0.1:1/absent:1")))
          .isInstanceOfSatisfying(
              LifeboatException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.SCRATCH_UNAVAILABLE));
      var other =
          new ClusterFacts(
              new ClusterFacts.Server(180000, "18.0", "1", "postgres"),
              Map.of(),
              facts.contents(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty());
      var request =
          new ScratchRequest("d2", ScratchKind.docker, Optional.of(IMAGE), Optional.empty(), other);
      assertThatThrownBy(() -> factory.postgres(request))
          .isInstanceOfSatisfying(
              LifeboatException.class,
              e -> assertThat(e).hasMessageContaining("has PostgreSQL 15"));
      assertThat(work.resolve("ledger")).isEmptyDirectory();
      assertThat(new DockerConnection().engine().labelled())
          .noneMatch(labelled -> labelled.name().startsWith("lifeboat-d2-"));
    }
  }

  private static String ours(DockerEngine engine, ScratchFactory factory) {
    assertThat(factory.preferredKind()).isEqualTo(ScratchKind.docker);
    return engine.labelled().stream()
        .map(DockerEngine.Labelled::name)
        .filter(name -> name.startsWith("lifeboat-d1-"))
        .findFirst()
        .orElseThrow();
  }

  private static SqlOutcome ask(PostgresScratch scratch, String sql) {
    return scratch.query("postgres", sql, Access.PLANNED, MINUTE);
  }

  private static String rows(String value) {
    return new SqlOutcome.Rows(List.of(List.of(Optional.of(value)))).toString();
  }
}
