package io.lifeboat.acceptance;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.crypto.KeyFiles;
import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an earlier version wrote is read, and each way of breaking it gives an error that names the
 * object: no stack trace, no other data, no endless loop.
 */
@Timeout(value = 60, unit = SECONDS)
class GoldenRepositoryTest {
  private static final String NEWEST_SNAPSHOT = "log/0000000000000004";

  @TempDir Path folder;
  private Node node;
  private int targets;

  @BeforeEach
  void unpack() throws Exception {
    node = GoldenRepository.unpack(folder.resolve("node"));
  }

  @Test
  void everySnapshotIsListedVerifiedAndRestored() throws Exception {
    List<Map<String, String>> expected = GoldenRepository.expected(node);
    JsonNode snapshots = node.snapshots();
    assertThat(snapshots).hasSize(2);
    assertThat(snapshots.path(0).path("proof").path("verdict").asText()).isEqualTo("PASS");
    JsonNode verified = node.done("verify", "--level", "L2");
    assertThat(verified.path("problems")).isEmpty();
    assertThat(verified.path("warnings")).isEmpty();
    for (int n = 0; n < 2; n++) {
      Path target = folder.resolve("target-" + n);
      String id = snapshots.path(1 - n).path("id").asText();
      node.done("restore", "--source", "docs", "--snapshot", id, "--target", target.toString());
      assertThat(GoldenRepository.describe(target.resolve("docs"))).isEqualTo(expected.get(n));
    }
  }

  @Test
  void itIsContinued() throws Exception {
    Files.writeString(node.path("docs/more"), "more");
    node.done("backup", "nightly");
    assertThat(node.snapshots()).hasSize(3);
    assertThat(node.done("verify", "--level", "L2").path("problems")).isEmpty();
  }

  @Test
  void aTruncatedPack() throws Exception {
    Path pack = packs("p/d").getFirst();
    byte[] bytes = Files.readAllBytes(pack);
    replace(pack, Arrays.copyOf(bytes, bytes.length / 2));
    isNamed(name(pack));
  }

  @Test
  void swappedPacks() throws Exception {
    List<Path> packs = packs("p/m");
    byte[] first = Files.readAllBytes(packs.getFirst());
    replace(packs.getFirst(), Files.readAllBytes(packs.getLast()));
    replace(packs.getLast(), first);
    isNamed(name(packs.getFirst()));
    isNamed(name(packs.getLast()));
  }

  @Test
  void aRenamedPack() throws Exception {
    Path pack = packs("p/d").getFirst();
    String file = pack.getFileName().toString();
    Path renamed = pack.resolveSibling((file.charAt(0) == '0' ? "1" : "0") + file.substring(1));
    Files.move(pack, renamed);
    isNamed(name(pack));
    isNamed(name(renamed));
  }

  @Test
  void anEntryOfAnOlderStateReplayed() throws Exception {
    replace(object(NEWEST_SNAPSHOT), Files.readAllBytes(object("log/0000000000000003")));
    isNamed(NEWEST_SNAPSHOT);
  }

  @Test
  void aPackOfAForeignRepository() throws Exception {
    Node other = Node.local(folder.resolve("other"));
    Files.writeString(other.path("docs/file"), "foreign");
    other.done("init");
    other.done("backup", "nightly");
    Path foreign =
        other.objects().stream()
            .filter(object -> object.toString().contains("/p/d/"))
            .findFirst()
            .orElseThrow();
    Path place = node.path("store").resolve(other.path("store").relativize(foreign));
    Files.createDirectories(place.getParent());
    Files.copy(foreign, place);
    isNamed(name(place));
  }

  @Test
  void aFutureVersion() throws Exception {
    String format = payload(Files.readAllBytes(object("format")));
    String future = format.replaceFirst("\"lifeboat\":1", "\"lifeboat\":2");
    SigningKey admin =
        KeyFiles.readRecoveryKit(node.path("recovery-kit.txt")).value().requireAdmin();
    replace(object("format"), SignedText.sign("format", future, admin));
    for (String verb : List.of("verify", "snapshots", "repair")) {
      node.refused(verb).is(ErrorCode.REPOSITORY_TOO_NEW, "format 2").hints("newer");
    }
  }

  @Test
  void aGapInTheLog() throws Exception {
    Files.delete(object("log/0000000000000003"));
    isNamed("log/0000000000000003");
  }

  @Test
  void aForkedLog() throws Exception {
    String entry = payload(Files.readAllBytes(object("log/0000000000000003")));
    String other = entry.replaceFirst("\"at\":\"2", "\"at\":\"3");
    SigningKey writer = KeyFiles.readServiceKey(node.path("service.key")).value().writer();
    replace(object("log/0000000000000003"), SignedText.sign("log", other, writer));
    isNamed(NEWEST_SNAPSHOT);
  }

  @Test
  void aForgedSignature() throws Exception {
    String entry = payload(Files.readAllBytes(object(NEWEST_SNAPSHOT)));
    SigningKey stranger = SigningKey.generate(new SecureRandom());
    replace(object(NEWEST_SNAPSHOT), SignedText.sign("log", entry, stranger));
    isNamed(NEWEST_SNAPSHOT);
  }

  @Test
  void aWrongKit() throws Exception {
    Node other = Node.local(folder.resolve("other"));
    other.done("init");
    for (String verb : List.of("verify", "snapshots")) {
      node.refused(
              verb,
              "--store",
              "folder:" + node.path("store"),
              "--identity",
              other.path("recovery-kit.txt").toString())
          .is(ErrorCode.KEY_MISMATCH, "format");
    }
  }

  /** Verification names the object, and a restore is right or refuses. */
  private void isNamed(String object) throws Exception {
    InThisJvm.Ended verify = node.run("verify", "--level", "L2", "--no-attestation");
    assertThat(verify.status()).as(verify.err()).isEqualTo(1);
    String said =
        verify.out().isEmpty()
            ? Node.failure(verify.status(), verify.out(), verify.err()).message()
            : new ObjectMapper().readTree(verify.out()).path("problems").toString();
    assertThat(said).contains(object).doesNotContain("Exception");

    Path target = folder.resolve("broken-" + targets++);
    InThisJvm.Ended restore =
        node.run("restore", "--source", "docs", "--target", target.toString());
    if (restore.status() == 0) {
      assertThat(GoldenRepository.describe(target.resolve("docs")))
          .isEqualTo(GoldenRepository.expected(node).getLast());
    } else {
      Node.failure(restore.status(), restore.out(), restore.err());
    }
  }

  private static String payload(byte[] signedText) {
    return new String(signedText, StandardCharsets.UTF_8).split("\n", -1)[0];
  }

  private List<Path> packs(String kind) throws IOException {
    return node.objects().stream().filter(object -> name(object).startsWith(kind + "/")).toList();
  }

  private Path object(String name) {
    return node.path("store").resolve(name);
  }

  private String name(Path object) {
    return node.path("store").relativize(object).toString();
  }

  private static void replace(Path object, byte[] bytes) throws IOException {
    Files.delete(object);
    Files.write(object, bytes);
  }
}
