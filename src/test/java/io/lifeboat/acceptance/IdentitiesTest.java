package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.error.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who reads and who writes, changed as an operator changes it. */
class IdentitiesTest {
  @TempDir Path folder;
  private Node node;
  private String kit;

  @BeforeEach
  void aNodeWithABackup() throws Exception {
    node = Node.local(folder);
    Files.writeString(node.path("docs/letter"), "dear all");
    node.done("init");
    node.done("backup", "nightly");
    // The kit is where it belongs: elsewhere.
    Files.createDirectories(node.path("safe"));
    Files.move(node.path("recovery-kit.txt"), node.path("safe/recovery-kit.txt"));
    kit = node.path("safe/recovery-kit.txt").toString();
  }

  @Test
  void anotherKitRestoresWhatWasStoredBeforeItWasMade() throws Exception {
    String other = node.path("other-kit.txt").toString();
    String recipient =
        node.done("keygen", "recovery", "--identity", kit, "--out", other)
            .path("recipient")
            .asText();
    restore(other, "early").is(ErrorCode.KEY_MISMATCH);

    node.done("recipient", "add", recipient, "--identity", kit);
    JsonNode rewrapped = node.done("rewrap", "--identity", kit);
    // Two for the domain, two for the session.
    assertThat(rewrapped.at("/local/envelopes").asInt()).isEqualTo(4);
    assertThat(node.done("rewrap", "--identity", kit).at("/local/envelopes").asInt()).isZero();

    String target = node.path("restored").toString();
    node.done(
        "restore", "--store", store(), "--identity", other, "--source", "docs", "--target", target);
    assertThat(node.path("restored/docs/letter")).hasContent("dear all");
    assertThat(node.done("recipient", "list").at("/local/recovery")).hasSize(3);
    String first = node.done("recipient", "list").at("/local/recovery/0/fingerprint").asText();
    node.refused("recipient", "remove", first, "--identity", other)
        .is(ErrorCode.RECOVERY_IDENTITY_MISSING, "reads only");
  }

  @Test
  void aKitThatWasRemovedDoesNotOpenLaterBackups() throws Exception {
    String first = node.done("recipient", "list").at("/local/recovery/0/fingerprint").asText();
    JsonNode left = node.done("recipient", "remove", first, "--identity", kit);
    assertThat(left.at("/local/recovery")).hasSize(1);

    Files.writeString(node.path("docs/secret"), "later");
    node.done("backup", "nightly");

    // The kit's second identity reads it; the first alone does not.
    String text = Files.readString(Path.of(kit));
    int second = text.lastIndexOf("AGE-SECRET-KEY-PQ-1");
    Path thief = Files.writeString(node.path("thief.txt"), text.substring(0, second));
    restore(thief.toString(), "stolen").is(ErrorCode.KEY_MISMATCH);
    node.done(
        "restore",
        "--store",
        store(),
        "--identity",
        kit,
        "--source",
        "docs",
        "--target",
        node.path("restored").toString());
    assertThat(node.path("restored/docs/secret")).hasContent("later");
    node.refused("recipient", "remove", first, "--identity", kit)
        .is(ErrorCode.USAGE_INVALID, first);
  }

  @Test
  void anotherNodeBacksUpUntilItIsRemoved() throws Exception {
    Node other = another("writer");
    JsonNode writers = node.done("writer", "list");
    assertThat(writers.at("/local")).hasSize(2);
    assertThat(writers.at("/local/1/roles").toString()).isEqualTo("[\"write\"]");
    other.done("backup", "nightly");

    String id = writers.at("/local/1/id").asText();
    node.done("writer", "remove", id, "--identity", kit);
    other.refused("backup", "nightly").is(ErrorCode.KEY_MISMATCH, "removed");
    assertThat(node.done("snapshots")).hasSize(2);
    assertThat(node.done("writer", "list").at("/local/1/roles")).isEmpty();
    node.done("backup", "nightly");
  }

  @Test
  void aNodeThatOnlyMaintainsListsAndCannotBackUp() throws Exception {
    Node other = another("maintenance");
    node.done("rewrap", "--identity", kit);

    assertThat(other.done("snapshots")).hasSize(1);
    other.refused("backup", "nightly").is(ErrorCode.SERVICE_KEY_MISSING, "only maintains");
  }

  @Test
  void makingANodesKeyGoesOnWhereItWasStopped() throws Exception {
    String file = node.path("other.key").toString();
    String[] command = {"keygen", "node", "--role", "both", "--identity", kit, "--out", file};
    String id = node.done(command).path("writer").asText();

    assertThat(node.done(command).path("writer").asText()).isEqualTo(id);
    assertThat(node.done("writer", "list").at("/local")).hasSize(2);
    assertThat(node.done("recipient", "list").at("/local/maintenance")).hasSize(2);
    node.refused("keygen", "node", "--role", "writer", "--identity", kit, "--out", file)
        .is(ErrorCode.KEY_FILE_EXISTS, file);
    node.refused("keygen", "node", "--role", "writer", "--identity", kit)
        .is(ErrorCode.USAGE_INVALID, "--out");
  }

  @Test
  void whatAsksForTheKitSaysSoWithoutIt() throws Exception {
    node.refused("rewrap").is(ErrorCode.RECOVERY_IDENTITY_MISSING);
    node.refused("recipient", "add", "age1pq1xyz").is(ErrorCode.USAGE_INVALID);
    node.refused("writer", "remove", "0123456789abcdef").is(ErrorCode.RECOVERY_IDENTITY_MISSING);
    node.refused("writer", "remove", "0123456789abcdef", "--identity", kit)
        .is(ErrorCode.USAGE_INVALID, "0123456789abcdef");
    node.refused(
            "recipient",
            "add",
            "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
            "--identity",
            kit)
        .is(ErrorCode.USAGE_INVALID, "classical");
  }

  @Test
  void aProtectedKitServesWhereverAKitDoesForWhoeverKnowsThePassphrase() throws Exception {
    String safe = node.path("safe.age").toString();
    node.refused("kit", "--identity", kit, "--protect", safe)
        .is(ErrorCode.RECOVERY_IDENTITY_MISSING, "passphrase")
        .hints("LIFEBOAT_PASSPHRASE");
    node.with("LIFEBOAT_PASSPHRASE", "correct horse");
    node.done("kit", "--identity", kit, "--protect", safe);
    assertThat(Files.readString(Path.of(safe)))
        .startsWith("-----BEGIN AGE ENCRYPTED FILE-----")
        .doesNotContain("SECRET");

    assertThat(node.done("kit", "--identity", safe).path("kit").asText())
        .isEqualTo(Files.readString(Path.of(kit)));
    node.done(
        "restore",
        "--store",
        store(),
        "--identity",
        safe,
        "--source",
        "docs",
        "--target",
        node.path("restored").toString());
    assertThat(node.path("restored/docs/letter")).hasContent("dear all");

    node.with("LIFEBOAT_PASSPHRASE", "wrong");
    restore(safe, "wrong").is(ErrorCode.KEY_MISMATCH, safe, "passphrase");
  }

  @Test
  void theKitsPageAndItsTextAreWrittenOnce() throws Exception {
    String page = node.path("kit.html").toString();
    node.done("kit", "--identity", kit, "--html", page);
    assertThat(Files.readString(Path.of(page))).contains("<svg", "folder:");
    node.refused("kit", "--identity", kit, "--html", page).is(ErrorCode.KEY_FILE_EXISTS, page);
    assertThat(node.done("kit", "--identity", kit).path("kit").asText())
        .isEqualTo(Files.readString(Path.of(kit)));
  }

  /** A second machine with a key of its own and the same store. */
  private Node another(String role) throws Exception {
    Path place = folder.resolve("other");
    Node other =
        new Node(place)
            .configured(
                """
                keys: { service: service.key }
                repositories:
                  local: { store: { type: folder, path: "%s" } }
                sources:
                  letters: { type: files, paths: [letters] }
                plans:
                  nightly: { source: letters, repository: local }
                """
                    .formatted(node.path("store")));
    Files.createDirectories(other.path("letters"));
    String file = other.path("service.key").toString();
    node.done(
        "keygen", "node", "--role", role, "--name", "other", "--identity", kit, "--out", file);
    return other;
  }

  private Node.Failure restore(String identity, String target) throws Exception {
    return node.refused(
        "restore",
        "--store",
        store(),
        "--identity",
        identity,
        "--source",
        "docs",
        "--target",
        node.path(target).toString());
  }

  private String store() {
    return "folder:" + node.path("store");
  }
}
