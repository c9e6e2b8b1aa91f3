package io.lifeboat.drill.scratch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.drill.FolderSnapshot;
import io.lifeboat.drill.scratch.PostgresScratch.Access;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.progress.Progress;
import io.lifeboat.restore.FolderTarget;
import io.lifeboat.restore.RestoreEngine;
import io.lifeboat.restore.RestoreSelection;
import io.lifeboat.restore.RestoreTarget;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class ProcessScratchTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @TempDir static Path sourceFolder;
  private static ClusterFacts facts;
  private static FolderSnapshot snapshot;

  @TempDir Path work;

  @BeforeAll
  static void backUp() throws Exception {
    Path backup = Files.createDirectory(sourceFolder.resolve("backup"));
    try (var source = SourceCluster.start(sourceFolder.resolve("source"))) {
      Path place = Files.createDirectory(sourceFolder.resolve("place"));
      source.sql("create tablespace far location '" + place + "'");
      source.sql(
          "create table public.orders(id int primary key, note text)",
          "insert into public.orders select i, repeat('paid ', i % 900) from generate_series(1,"
              + " 2000) i",
          "create table public.far_orders tablespace far as select * from public.orders",
          "alter system set archive_command = 'touch /tmp/lifeboat-must-not-appear'");
      facts = source.backUp("b1", backup);
    }
    snapshot = new FolderSnapshot("b1", "postgres", facts.toJson(), backup);
  }

  /** The server's user has to get there. */
  @BeforeEach
  void openTheWorkFolder() throws Exception {
    Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwx--x--x"));
  }

  private ScratchFactory factory() {
    return new ScratchFactory(work, FolderTarget::new, Clock.systemUTC());
  }

  private static ScratchRequest request() throws Exception {
    return new ScratchRequest(
        "d1", ScratchKind.process, Optional.empty(), Optional.of(SourceCluster.programs()), facts);
  }

  private static void restore(PostgresScratch scratch) {
    try (RestoreTarget target = scratch.target()) {
      new RestoreEngine().restore(snapshot, RestoreSelection.everything(), target, Progress.none());
    }
  }

  @Test
  void aRestoredClusterBootsAnswersAndIsGoneAfterwards() throws Exception {
    try (ScratchFactory factory = factory();
        PostgresScratch scratch = factory.postgres(request())) {
      restore(scratch);
      assertThat(scratch.verifyManifest(Progress.none())).isInstanceOf(ManifestFinding.Sound.class);
      assertThat(scratch.start(MINUTE, Progress.none())).isEqualTo(new Startup.Ready());

      assertThat(ask(scratch, "select count(*), null, '' from orders"))
          .isEqualTo(
              new SqlOutcome.Rows(
                  List.of(List.of(Optional.of("2000"), Optional.empty(), Optional.of("")))));
      assertThat(ask(scratch, "select count(*) from far_orders")).hasToString(rows("2000"));
      assertThat(
              ask(
                  scratch,
                  "select pg_tablespace_location(oid) from pg_tablespace where spcname = 'far'"))
          .asString()
          .doesNotContain(sourceFolder.toString());
      assertThat(ask(scratch, "select pg_is_in_recovery()")).hasToString(rows("f"));
      assertThat(ask(scratch, "show listen_addresses")).hasToString(rows(""));
      reachesNothing(scratch);
      assertThat(ask(scratch, "select 1 where false")).isEqualTo(new SqlOutcome.Rows(List.of()));
      scratch.close();
      assertThat(leftovers()).isEmpty();
    }
  }

  /** As a superuser who runs programs sees it from within. */
  private static void reachesNothing(PostgresScratch scratch) {
    assertThat(scratch.facts().network()).isEqualTo("none");
    assertThat(fromWithin(scratch, "tail -n +2 /proc/self/net/route; echo no more routes"))
        .isEqualTo("no more routes");
    assertThat(fromWithin(scratch, "cat /proc/self/net/dev | tail -n +3 | cut -d: -f1 | xargs"))
        .hasToString("lo");
    for (String address : List.of("127.0.0.1", "172.17.0.1", "192.0.2.1")) {
      assertThat(
              fromWithin(
                  scratch,
                  "(exec 3<>/dev/tcp/" + address + "/22) 2>&1 && echo connected; echo end"))
          .contains("Network is unreachable")
          .doesNotContain("connected");
    }
  }

  private static String fromWithin(PostgresScratch scratch, String program) {
    SqlOutcome outcome =
        scratch.query(
            "postgres",
            "create temporary table said (line text); copy said from program $$bash -c '"
                + program
                + "'$$; select string_agg(line, ' ') from said",
            PostgresScratch.Access.OWN,
            MINUTE);
    assertThat(outcome).isInstanceOf(SqlOutcome.Rows.class);
    return ((SqlOutcome.Rows) outcome).rows().getFirst().getFirst().orElse("");
  }

  @Test
  void whatAPlanAsksCannotWriteAndCannotRunForEver() throws Exception {
    try (ScratchFactory factory = factory();
        PostgresScratch scratch = factory.postgres(request())) {
      restore(scratch);
      scratch.start(MINUTE, Progress.none());
      assertThat(ask(scratch, "delete from orders"))
          .isInstanceOfSatisfying(
              SqlOutcome.Refused.class,
              refused -> {
                assertThat(refused.state()).isEqualTo("25006");
                assertThat(SqlFault.of(refused)).isEqualTo(SqlFault.QUESTION);
              });
      assertThat(
              scratch.query(
                  "postgres", "select pg_sleep(60)", Access.PLANNED, Duration.ofMillis(100)))
          .isInstanceOfSatisfying(
              SqlOutcome.Refused.class,
              refused -> assertThat(SqlFault.of(refused)).isEqualTo(SqlFault.SCRATCH));
      assertThat(ask(scratch, "select * from absent"))
          .isInstanceOfSatisfying(
              SqlOutcome.Refused.class,
              refused -> assertThat(SqlFault.isAbsence(refused)).isTrue());
    }
  }

  @Test
  void twoScratchesOfOneSnapshotRunSideBySide() throws Exception {
    try (ScratchFactory factory = factory();
        PostgresScratch one = factory.postgres(request());
        PostgresScratch two = factory.postgres(request())) {
      restore(one);
      restore(two);
      assertThat(one.start(MINUTE, Progress.none())).isEqualTo(new Startup.Ready());
      assertThat(two.start(MINUTE, Progress.none())).isEqualTo(new Startup.Ready());
      one.close();
      assertThat(ask(two, "select count(*) from orders")).hasToString(rows("2000"));
    }
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void aChangedByteIsFoundByTheManifestBeforeAnythingStarts() throws Exception {
    try (ScratchFactory factory = factory();
        PostgresScratch scratch = factory.postgres(request())) {
      restore(scratch);
      Path data = work.resolve("scratch").resolve(idOf(scratch)).resolve("tree/data");
      Path control = data.resolve("global/pg_filenode.map");
      try (var file = new RandomAccessFile(control.toFile(), "rw")) {
        file.seek(100);
        file.write(file.read() ^ 1);
      }
      assertThat(scratch.verifyManifest(Progress.none()))
          .isInstanceOfSatisfying(
              ManifestFinding.Broken.class,
              broken ->
                  assertThat(broken.problems())
                      .singleElement()
                      .asString()
                      .contains("pg_filenode.map"));
    }
  }

  @Test
  void aClusterThatCannotBootEndsWithItsLog() throws Exception {
    try (ScratchFactory factory = factory();
        PostgresScratch scratch = factory.postgres(request())) {
      restore(scratch);
      Path wal = work.resolve("scratch").resolve(idOf(scratch)).resolve("tree/data/pg_wal");
      try (Stream<Path> segments = Files.list(wal)) {
        for (Path segment : segments.filter(Files::isRegularFile).toList()) {
          Files.delete(segment);
        }
      }
      assertThat(scratch.start(MINUTE, Progress.none()))
          .isInstanceOfSatisfying(
              Startup.Ended.class,
              ended -> assertThat(String.join("\n", ended.log())).contains("checkpoint"));
    }
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void programsOfAnotherVersionAreRefusedAndLeaveNothing() {
    try (ScratchFactory factory = factory()) {
      var other =
          new ScratchRequest("d1", ScratchKind.process, Optional.empty(), Optional.of(work), facts);
      assertThatThrownBy(() -> factory.postgres(other)).isInstanceOf(LifeboatException.class);
      assertThat(leftovers()).isEmpty();
    }
  }

  private String idOf(PostgresScratch scratch) throws Exception {
    assertThat(scratch).isInstanceOf(ProcessScratch.class);
    try (Stream<Path> entries = Files.list(work.resolve("ledger"))) {
      return entries.findFirst().orElseThrow().getFileName().toString().replace(".json", "");
    }
  }

  private List<Path> leftovers() {
    return Stream.of("scratch", "ledger")
        .map(work::resolve)
        .filter(Files::exists)
        .flatMap(folder -> {
          try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList().stream();
          } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        })
        .toList();
  }

  private static SqlOutcome ask(PostgresScratch scratch, String sql) {
    return scratch.query("postgres", sql, Access.PLANNED, MINUTE);
  }

  private static String rows(String value) {
    return new SqlOutcome.Rows(List.of(List.of(Optional.of(value)))).toString();
  }
}
