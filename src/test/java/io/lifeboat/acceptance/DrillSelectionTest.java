package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of a plan's snapshots is restored, and that the evidence says why it was this one. */
class DrillSelectionTest {
  @TempDir Path folder;
  private Node node;
  private final List<String> oldestFirst = new ArrayList<>();

  @BeforeEach
  void threeSnapshots() throws IOException {
    node = Node.local(folder);
    node.done("init");
    for (int i = 0; i < 3; i++) {
      Files.writeString(node.path("docs/letter"), "letter " + i);
      oldestFirst.add(node.done("backup", "nightly").path("snapshot").asText());
    }
  }

  private void planned(String drill) throws IOException {
    String yaml = Files.readString(node.path("config.yml"));
    node.configured(yaml.replace("drill: { scratch: process }", "drill: { " + drill + " }"));
  }

  private void isDrilled(String snapshot, String selection, String... more) throws IOException {
    var command = new ArrayList<>(List.of("drill", "nightly"));
    command.addAll(List.of(more));
    JsonNode drill = node.done(command.toArray(String[]::new));
    assertThat(drill.path("verdict").asText()).isEqualTo("PASS");
    assertThat(drill.path("selection").asText()).isEqualTo(selection);
    assertThat(drill.path("snapshot").asText()).isEqualTo(snapshot);
    assertThat(node.run("evidence", "show", drill.path("drill").asText()).out())
        .contains("\"selection\":\"" + selection + "\",\"snapshot\":\"" + snapshot + "\"");
  }

  @Test
  void thePlanSaysWhichUnlessTheCommandDoes() throws IOException {
    isDrilled(oldestFirst.get(2), "newest");
    planned("select: oldest");
    isDrilled(oldestFirst.get(0), "oldest kept");
    isDrilled(oldestFirst.get(1), "named by operator", "--snapshot", oldestFirst.get(1));
    isDrilled(oldestFirst.get(2), "newest", "--select", "newest");
    isDrilled(
        oldestFirst.get(0), "oldest kept within P7D", "--select", "oldest", "--within", "P7D");
  }

  @Test
  void repeatedDrillsOfAPlanCoverAllOfItsSnapshots() throws IOException {
    planned("select: unproven, within: P1D");
    isDrilled(oldestFirst.get(0), "oldest of 3 never drilled, of 3 within P1D");
    isDrilled(oldestFirst.get(1), "oldest of 2 never drilled, of 3 within P1D");
    isDrilled(oldestFirst.get(2), "oldest of 1 never drilled, of 3 within P1D");
    isDrilled(oldestFirst.get(0), "drilled longest ago of 3 within P1D");
  }

  @Test
  void oneThatIsHeldOrDamagedIsACandidateLikeAnyOther() throws IOException {
    node.done("hold", oldestFirst.get(0), "--because", "an auditor asked");
    isDrilled(oldestFirst.get(0), "oldest kept", "--select", "oldest");
    for (Path object : node.objects()) {
      if (object.toString().contains("/p/d/")) {
        Files.delete(object);
      }
    }
    var ended = node.run("drill", "nightly", "--select", "unproven");
    assertThat(ended.status()).as(ended.err()).isEqualTo(1);
    assertThat(ended.out())
        .contains("\"verdict\":\"FAIL\"", "\"snapshot\":\"" + oldestFirst.get(1) + "\"");
  }

  @Test
  void atRandomAnyIsDrilledAndTheEvidenceSaysOfHowMany() throws IOException {
    JsonNode drill = node.done("drill", "nightly", "--select", "random", "--within", "P7D");
    assertThat(oldestFirst).contains(drill.path("snapshot").asText());
    assertThat(drill.path("selection").asText()).isEqualTo("random of 3 within P7D");
  }

  @Test
  void whatCannotBeChosenIsRefusedWithWhatThereIs() throws IOException {
    node.refused("drill", "nightly", "--select", "random", "--within", "PT0.001S")
        .is(ErrorCode.SNAPSHOT_UNKNOWN, "within PT0.001S", "of its 3", oldestFirst.get(2));
    node.refused("drill", "nightly", "--select", "random", "--within", "a week")
        .is(ErrorCode.USAGE_INVALID, "a week");
    node.refused("drill", "nightly", "--within", "P7D").is(ErrorCode.USAGE_INVALID);
    node.refused("drill", "nightly", "--select", "random", "--snapshot", oldestFirst.get(0))
        .is(ErrorCode.USAGE_INVALID);
    node.refused("drill", "weekly", "--select", "oldest").is(ErrorCode.SNAPSHOT_UNKNOWN, "weekly");
  }
}
