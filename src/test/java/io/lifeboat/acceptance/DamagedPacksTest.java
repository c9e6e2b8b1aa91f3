package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.app.InThisJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packs are missing or damaged: what is hit is named exactly, and the rest comes back. */
@Tag("slow")
class DamagedPacksTest {
  @TempDir Path folder;

  @Test
  void aMissingOrDamagedPackCostsWhatIsInItAndNothingElse() throws Exception {
    Node node = Node.local(folder.resolve("node"));
    Tree.plant(node.path("docs"), new Random(4));
    node.done("init");
    node.done("backup", "nightly");
    // A second run: its packs hold the new folder and little else.
    Files.createDirectories(node.path("docs/new"));
    Tree.write(node.path("docs/new/one.bin"), new Random(5), 700_000);
    Tree.write(node.path("docs/new/two.bin"), new Random(6), 900_000);
    node.done("backup", "nightly");
    Map<String, String> expected = Tree.describe(node.path("docs"));
    Tree.copy(node.path("store"), folder.resolve("good"));
    JsonNode sound = node.done("repair", "--report");
    assertThat(sound.path("affected")).isEmpty();

    int partial = 0;
    for (Path pack : node.objects().stream().filter(o -> o.toString().contains("/p/")).toList()) {
      for (boolean gone : new boolean[] {true, false}) {
        byte[] bytes = Files.readAllBytes(pack);
        Files.delete(pack);
        if (!gone) {
          bytes[500] ^= 1;
          Files.write(pack, bytes);
        }
        String name = node.path("store").relativize(pack).toString();
        partial += restoresTheRest(node, name, expected) ? 1 : 0;
        Tree.remove(node.path("store"));
        Tree.copy(folder.resolve("good"), node.path("store"));
      }
    }
    assertThat(partial).isGreaterThanOrEqualTo(4);
  }

  /** Answers whether something came back and something did not. */
  private boolean restoresTheRest(Node node, String pack, Map<String, String> expected)
      throws Exception {
    InThisJvm.Ended report = node.run("repair", "--report");
    JsonNode said = new ObjectMapper().readTree(report.out());
    assertThat(report.status()).isEqualTo(1);
    assertThat(said.path("problems").toString()).contains(pack);
    JsonNode newest = node.snapshots().path(0);
    Set<String> affected = new TreeSet<>();
    said.path("affected")
        .forEach(part -> {
          if (part.path("snapshot").asText().equals(newest.path("id").asText())) {
            affected.add(part.path("path").asText());
          }
        });
    Path target = Files.createTempDirectory(folder, "target").resolve("t");
    InThisJvm.Ended restore =
        node.run("restore", "--source", "docs", "--skip-damaged", "--target", target.toString());
    if (affected.contains("")) {
      Node.failure(restore.status(), restore.out(), restore.err());
      return false;
    }
    assertThat(restore.status()).as(restore.err()).isEqualTo(affected.isEmpty() ? 0 : 1);
    JsonNode answer = new ObjectMapper().readTree(restore.out());
    List<String> leftOut = new ArrayList<>();
    answer.path("leftOut").forEach(part -> leftOut.add(part.path("path").asText()));
    assertThat(leftOut).containsExactlyInAnyOrderElementsOf(affected);
    Map<String, String> rest = new TreeMap<>(expected);
    rest.keySet().removeIf(path -> isHit("docs/" + path, affected));
    Map<String, String> restored =
        Files.exists(target.resolve("docs")) ? Tree.describe(target.resolve("docs")) : Map.of();
    assertThat(restored.keySet()).isEqualTo(affected.contains("/") ? Set.of() : rest.keySet());
    restored.forEach((path, line) ->
        assertThat(withoutLinks(line)).as(path).isEqualTo(withoutLinks(expected.get(path))));
    return !affected.isEmpty() && !restored.isEmpty();
  }

  /** A file's other names may be among what was lost. */
  private static String withoutLinks(String line) {
    return line.replaceAll(" links=\\d+", "");
  }

  private static boolean isHit(String path, Set<String> affected) {
    return affected.stream()
        .anyMatch(hit ->
            hit.endsWith("/") ? path.startsWith(hit) && !path.equals(hit) : path.equals(hit));
  }
}
