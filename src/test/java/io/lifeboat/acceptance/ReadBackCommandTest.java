package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.error.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lifeboat backup} says what it read back of what it had stored. */
class ReadBackCommandTest {
  @TempDir Path folder;

  @Test
  void aBackupSaysWhatWasReadBackInJsonAndInWords() throws Exception {
    Node node = Node.local(folder.resolve("node"));
    Tree.plant(node.path("docs"), new Random(4));
    node.done("init");
    long before = stored(node);
    JsonNode first = node.done("backup", "nightly").path("proof");
    long bytes = stored(node) - before;
    assertThat(first.path("level").asText()).isEqualTo("L1");
    assertThat(first.path("packs").asLong()).isEqualTo(packs(node).size()).isPositive();
    assertThat(first.path("bytes").asLong()).isEqualTo(bytes);
    assertThat(first.path("left").asLong()).isZero();
    assertThat(first.path("older").asLong()).isZero();
    assertThat(first.path("problems")).isEmpty();
    assertThat(first.path("seconds").isNumber()).isTrue();

    InThisJvm.Ended words =
        InThisJvm.run(
            Map.of("PATH", System.getenv("PATH")),
            "backup",
            "nightly",
            "--config",
            node.path("config.yml").toString());
    assertThat(words.status()).as(words.err()).isZero();
    assertThat(words.out())
        .containsPattern(
            "read back 1 pack with [0-9.]+ kB, as written; \\d+ older packs? (is|are)");
  }

  @Test
  void aPlanSaysHowMuchIsReadBack() throws Exception {
    Node node = Node.local(folder.resolve("node"));
    Tree.plant(node.path("docs"), new Random(4));
    node.done("init");
    String config = Files.readString(node.path("config.yml"));
    for (String off : new String[] {"off", "0", "\"off\""}) {
      node.configured(with(config, off));
      JsonNode proof = node.done("backup", "nightly").path("proof");
      assertThat(proof.path("level").asText()).isEqualTo("L0");
      assertThat(proof.path("bytes").asLong()).isZero();
      assertThat(proof.path("left").asLong()).isPositive();
    }
    node.configured(with(config, "1GiB"));
    assertThat(node.done("backup", "nightly").at("/proof/level").asText()).isEqualTo("L1");
    for (String wrong : new String[] {"4 GB", "-1", "some", "4GiBs"}) {
      node.configured(with(config, wrong));
      node.refused("backup", "nightly")
          .is(ErrorCode.CONFIG_INVALID, "plans.nightly.readBack", wrong)
          .hints("4GiB");
    }
  }

  @Test
  @Tag("slow")
  void aPackThatVanishesFromTheFolderDuringTheBackupFailsIt() throws Exception {
    Node node = Node.local(folder.resolve("node"));
    var random = new Random(5);
    for (int i = 0; i < 4; i++) {
      Tree.write(node.path("docs/large-" + i), random, 64 << 20);
    }
    node.done("init");
    var stop = new AtomicBoolean();
    CompletableFuture<Path> taken = CompletableFuture.supplyAsync(() -> takeOne(node, stop));
    InThisJvm.Ended ended = node.run("backup", "nightly");
    stop.set(true);
    String name = node.path("store").relativize(taken.get()).toString();

    JsonNode said = new ObjectMapper().readTree(ended.out());
    assertThat(ended.status()).as(ended.out()).isEqualTo(1);
    assertThat(said.at("/proof/problems")).hasSize(1);
    assertThat(said.at("/proof/problems/0/code").asText()).isEqualTo("OBJECT_MISSING");
    assertThat(said.at("/proof/problems/0/message").asText()).contains(name);
    assertThat(node.snapshots().path(0).path("id").asText())
        .isEqualTo(said.path("snapshot").asText());

    // As the hint says: another backup stores anew what is missing, and then all is there.
    JsonNode again = node.done("backup", "nightly");
    assertThat(again.path("bytesStored").asLong()).isGreaterThan(32 << 20);
    assertThat(again.at("/proof/level").asText()).isEqualTo("L1");
    assertThat(again.at("/proof/problems")).isEmpty();
    Path target = folder.resolve("target");
    node.done("restore", "--source", "docs", "--target", target.toString());
    assertThat(Tree.describe(target.resolve("docs"))).isEqualTo(Tree.describe(node.path("docs")));
  }

  /** Takes the first pack of contents away as soon as it is there. */
  private static Path takeOne(Node node, AtomicBoolean stop) {
    try {
      while (!stop.get()) {
        Optional<Path> pack =
            packs(node).stream().filter(path -> path.toString().contains("/p/d/")).findFirst();
        if (pack.isPresent()) {
          Files.delete(pack.get());
          return pack.get();
        }
        Thread.onSpinWait();
      }
      throw new IllegalStateException("The backup ended before a pack was seen");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String with(String config, String readBack) {
    return config.replace("repository: local,", "repository: local, readBack: " + readBack + ",");
  }

  private static List<Path> packs(Node node) throws IOException {
    Path packs = node.path("store/p");
    if (!Files.exists(packs)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(packs)) {
      return all.filter(path -> path.getFileName().toString().matches("[0-9a-f]{64}")).toList();
    } catch (UncheckedIOException e) {
      return List.of(); // something was moved meanwhile
    }
  }

  /** Bytes of packs and index segments. */
  private static long stored(Node node) throws IOException {
    long bytes = 0;
    for (Path object : node.objects()) {
      String name = node.path("store").relativize(object).toString();
      if (name.startsWith("p/") || name.startsWith("x/")) {
        bytes += Files.size(object);
      }
    }
    return bytes;
  }
}
