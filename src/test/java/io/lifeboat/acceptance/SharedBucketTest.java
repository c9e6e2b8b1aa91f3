package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.store.s3.EmbeddedS3;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two that write and one that prunes, each command a process of its own, on one bucket at the same
 * time. Runs for half a minute; {@code -Dlifeboat.soak=PT10M} makes it longer.
 */
@Tag("slow")
class SharedBucketTest {
  private static final Duration TIME = Duration.parse(System.getProperty("lifeboat.soak", "PT30S"));

  /** More than a backup takes here, and little enough that sweeps happen all the time. */
  private static final String GRACE = "PT15S";

  private final long seed = System.nanoTime();
  private final AtomicInteger backups = new AtomicInteger();
  private final AtomicInteger prunes = new AtomicInteger();

  /** What each snapshot that was taken must bring back. */
  private final Map<String, Map<String, String>> expected = new ConcurrentHashMap<>();

  @TempDir Path folder;

  @Test
  void twoWritersAndAPrunerLoseNothingAndLeaveNothingBehind() throws Exception {
    System.out.println("seed " + seed + ", for " + TIME);
    try (EmbeddedS3 server = EmbeddedS3.inFolder(folder.resolve("s3")).createBucket("bucket")) {
      Node node = node(server);
      Instant end = Instant.now().plus(TIME);
      try (ExecutorService three = Executors.newFixedThreadPool(3)) {
        List<Future<Object>> ends =
            List.of(
                three.submit(writer(node, "one", end)),
                three.submit(writer(node, "two", end)),
                three.submit(pruner(node, end)));
        for (Future<Object> future : ends) {
          future.get();
        }
      }
      System.out.printf("%d backups, %d prunes%n", backups.get(), prunes.get());
      assertThat(backups).hasValueGreaterThan(3);
      everythingThatIsListedRestores(node);
      nothingIsLeftBehind(node);
    }
  }

  private Node node(EmbeddedS3 server) throws Exception {
    Node node =
        new Node(folder.resolve("node"))
            .configured(
                """
                keys: { service: service.key, recovery: recovery-kit.txt }
                repositories:
                  shared:
                    store: { type: s3, endpoint: "%s", bucket: bucket, pathStyle: true,
                             accessKey: "%s", secretKey: "%s" }
                sources:
                  one: { type: files, paths: [one] }
                  two: { type: files, paths: [two] }
                plans:
                  one: { source: one, repository: shared, retention: { last: 2 } }
                  two: { source: two, repository: shared, retention: { last: 2 } }
                """
                    .formatted(server.endpoint(), EmbeddedS3.ACCESS_KEY, EmbeddedS3.SECRET_KEY));
    for (String source : List.of("one", "two")) {
      Files.createDirectories(node.path(source));
    }
    node.done("init");
    return node;
  }

  private Callable<Object> writer(Node node, String source, Instant end) {
    return () -> {
      var random = new Random(seed + source.hashCode());
      Path tree = node.path(source);
      for (int round = 0; Instant.now().isBefore(end); round++) {
        for (int i = 0; i < 3; i++) {
          Tree.write(
              tree.resolve("file-" + random.nextInt(12)),
              random,
              400_000 + random.nextInt(800_000));
        }
        Map<String, String> before = Tree.describe(tree);
        JsonNode answer = command(node, "backup", source).answer();
        expected.put(answer.get("snapshot").asText(), before);
        backups.incrementAndGet();
      }
      return source;
    };
  }

  private Callable<Object> pruner(Node node, Instant end) {
    return () -> {
      while (Instant.now().isBefore(end)) {
        command(node, "prune", "--grace", GRACE, "--uncommitted", "PT30S");
        prunes.incrementAndGet();
      }
      return "pruner";
    };
  }

  private static LifeboatProcess.Ended command(Node node, String... words) throws Exception {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--json", "--config", node.path("config.yml").toString()));
    return LifeboatProcess.run(node.path("."), Map.of(), all.toArray(String[]::new)).done();
  }

  private void everythingThatIsListedRestores(Node node) throws Exception {
    JsonNode snapshots = node.done("snapshots");
    assertThat(snapshots.size()).isGreaterThanOrEqualTo(4);
    for (JsonNode snapshot : snapshots) {
      String id = snapshot.get("id").asText();
      Path target = node.path("back-" + id);
      String source = snapshot.get("source").asText();
      node.done("restore", "--source", source, "--snapshot", id, "--target", target.toString());
      Map<String, String> back = new HashMap<>(Tree.describe(target.resolve(source)));
      Map<String, String> was = new HashMap<>(expected.get(id));
      assertThat(back).as("snapshot %s, seed %d", id, seed).isEqualTo(was);
      Tree.remove(target);
    }
    assertThat(node.done("verify", "--level", "L2").get("problems")).isEmpty();
  }

  /** What is needed is some twenty megabytes; what was written is many times that. */
  private void nothingIsLeftBehind(Node node) throws Exception {
    for (int i = 0; i < 2; i++) {
      node.done("prune", "--grace", "PT0S", "--uncommitted", "PT0S");
    }
    JsonNode last = node.done("prune", "--grace", "PT0S", "--uncommitted", "PT0S");
    assertThat(last.get("removed")).isEmpty();
    assertThat(last.get("bytesFreed").asLong()).isZero();
    assertThat(node.done("snapshots")).hasSize(4);
    long needed = 0;
    for (String source : List.of("one", "two")) {
      try (Stream<Path> files = Files.list(node.path(source))) {
        for (Path file : (Iterable<Path>) files::iterator) {
          needed += Files.size(file);
        }
      }
    }
    long stored = 0;
    try (Stream<Path> objects = Files.walk(folder.resolve("s3/bucket/p"))) {
      for (Path object : (Iterable<Path>) objects.filter(Files::isRegularFile)::iterator) {
        stored += Files.size(object);
      }
    }
    // Two snapshots of each source, whose files may differ, and packs that are not mostly dead.
    assertThat(stored).as("stored for %d needed", needed).isLessThan(5 * needed);
    everythingThatIsListedRestores(node);
  }
}
