package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.postgres.PostgresPrograms;
import io.lifeboat.postgres.SourceCluster;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each version of PostgreSQL, while money is moved: base backup, another one (incremental where
 * there is that), WAL; the server is lost; it comes back as of a random moment, takes its place on
 * a timeline of its own, and comes back again as of moments after and before that.
 */
@Tag("slow")
class EveryVersionTest {
  private static final int OLDEST = 15;
  private static final int FIRST_WITH_INCREMENTAL = 17;
  private static final String PLAN = "{\"plan\":\"bank-nightly\"}";

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @TempDir Path folder;

  /** Of the oldest those that are installed, if they are: with them comes what looks for damage. */
  static List<PostgresPrograms> versions() throws Exception {
    List<PostgresPrograms> versions = new ArrayList<>(SourceCluster.versionsSince(OLDEST));
    try {
      versions.set(versions.size() - 1, PostgresPrograms.find(OLDEST, Optional.empty(), ""));
    } catch (LifeboatException e) {
      System.out.println("pg_amcheck is not run: " + e.getMessage());
    }
    return versions;
  }

  @ParameterizedTest
  @MethodSource("versions")
  void aBankComesBackAsOfAnyMomentAlsoThroughAPromotion(PostgresPrograms programs)
      throws Exception {
    System.out.println("seed " + seed + ", PostgreSQL " + programs.version());
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Node node = new Node(folder.resolve("node"));
    List<Bank.Move> first;
    Instant shown;
    Instant opened;
    String token;
    try (SourceCluster server =
        SourceCluster.start(
            programs, Files.createDirectories(folder.resolve("server")), settings(programs))) {
      Bank.found(server);
      node.serving("bank", server, ", truth: { budget: PT0S }", "{ flush: PT0.2S }").done("init");
      try (var service = ServiceProcess.start(node.path(""), Optional.empty());
          var bank = Bank.open(server, 2)) {
        token = service.token();
        service.plan("bank-nightly", plan -> ServiceProcess.walState(plan).equals("STREAMING"));
        service.done(service.begin("/v1/backups", PLAN));
        opened = Instant.now();
        JsonNode second = service.done(service.begin("/v1/backups", PLAN));
        assertThat(second.path("result").path("parent").isTextual())
            .as("incremental: %s", second)
            .isEqualTo(programs.major() >= FIRST_WITH_INCREMENTAL);
        shown = streamedBeyond(service, Instant.now());
        first = bank.close(true);
      }
      server.stop("QUIT");
    }
    Instant then = Bank.between(random, opened, shown);
    Path data = node.restored("bank", folder.resolve("then"), "--at", then.toString());
    try (SourceCluster promoted = SourceCluster.restored(programs, data).recovered()) {
      Bank.requireAsOf(promoted, first, then, "seed " + seed + ", as of " + then);
      requireNoDamage(programs, promoted);
      goesOn(node, token, programs, promoted, first, opened, then);
    }
  }

  private static void requireNoDamage(PostgresPrograms programs, SourceCluster copy)
      throws Exception {
    Optional<Path> program = programs.pgAmcheck();
    if (program.isPresent()) {
      Process check =
          new ProcessBuilder(
                  program.get().toString(),
                  "--install-missing",
                  "--heapallindexed",
                  "--host=" + copy.server().address().host(),
                  "--port=" + copy.server().address().port(),
                  "--username=postgres",
                  "postgres")
              .redirectErrorStream(true)
              .start();
      String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(check.waitFor()).as(said).isZero();
      assertThat(said).isEmpty();
    }
  }

  /** The restored server is the one that is backed up from here on. */
  private void goesOn(
      Node node,
      String token,
      PostgresPrograms programs,
      SourceCluster promoted,
      List<Bank.Move> first,
      Instant opened,
      Instant promotion)
      throws Exception {
    node.serving("bank", promoted, ", truth: { budget: PT0S }", "{ flush: PT0.2S }");
    List<Bank.Move> second;
    Instant began = Instant.now();
    Instant shown;
    try (var service = ServiceProcess.start(node.path(""), Optional.of(token));
        var bank = Bank.open(promoted, 2)) {
      shown = streamedBeyond(service, began.plus(Duration.ofSeconds(2)));
      second = bank.close(true);
    }
    promoted.stop("QUIT");
    Instant after = Bank.between(random, began, shown);
    List<Bank.Move> kept = new ArrayList<>(second);
    first.stream().filter(one -> one.acknowledged().isBefore(promotion)).forEach(kept::add);
    holds(
        programs,
        node.restored("bank", folder.resolve("after"), "--at", after.toString()),
        kept,
        after);
    Instant before = Bank.between(random, opened, promotion);
    holds(
        programs,
        node.restored("bank", folder.resolve("before"), "--at", before.toString()),
        first,
        before);
  }

  private void holds(PostgresPrograms programs, Path data, List<Bank.Move> moves, Instant then)
      throws Exception {
    try (SourceCluster copy = SourceCluster.restored(programs, data).recovered()) {
      Bank.requireAsOf(copy, moves, then, "seed " + seed + ", as of " + then);
    }
  }

  private static Instant streamedBeyond(ServiceProcess service, Instant moment) throws Exception {
    return ServiceProcess.recoveryPoint(
        service.plan("bank-nightly", plan -> ServiceProcess.recoveryPoint(plan).isAfter(moment)));
  }

  private static Map<String, String> settings(PostgresPrograms programs) {
    return programs.major() < FIRST_WITH_INCREMENTAL ? Map.of() : Map.of("summarize_wal", "on");
  }
}
