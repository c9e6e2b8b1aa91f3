package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.crypto.KeyFiles;
import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.drill.EvidenceChain;
import io.lifeboat.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a stranger can tell of exported evidence with a public key and nothing else, and that none
 * of it can be altered, removed, doubled or put in another order unnoticed.
 */
@Timeout(120)
class EvidenceChainTest {
  private static final int RECORDS = 4;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path world;
  private static Node node;
  private static Path exported;
  private static String key;

  @TempDir Path folder;
  private Path copy;
  private String trusted;

  @BeforeAll
  static void drillAndExport() throws Exception {
    node = Node.local(world.resolve("node"));
    Files.writeString(node.path("docs/file"), "contents");
    node.done("init");
    for (int n = 0; n < RECORDS; n++) {
      if (n % 2 == 0) {
        Files.writeString(node.path("docs/more-" + n), "more");
        node.done("backup", "nightly");
      }
      node.done("drill", "nightly");
    }
    exported = world.resolve("exported");
    JsonNode answer = node.done("evidence", "export", "--target", exported.toString());
    assertThat(answer.path("records").asInt()).isEqualTo(RECORDS);
    key = answer.path("keys").path(0).asText();
    assertThat(answer.path("keys")).hasSize(1);
  }

  @BeforeEach
  void copy() throws IOException {
    trusted = key;
    copy = Files.createDirectory(folder.resolve("copy"));
    for (Path file : files(exported)) {
      Files.copy(file, copy.resolve(file.getFileName()));
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private List<Path> records() throws IOException {
    return files(copy).stream()
        .filter(file -> file.getFileName().toString().matches("\\d{6}-.*\\.evidence"))
        .toList();
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static Path pageOf(Path record) {
    return record.resolveSibling(name(record).replace(".evidence", ".html"));
  }

  /** As a stranger runs it: no configuration, no repository, an empty environment. */
  private static InThisJvm.Ended strangerVerifies(Path what, String... keys) {
    List<String> arguments =
        new ArrayList<>(
            List.of("evidence", "verify", what.toString(), "--json", "--config", "/nonexistent"));
    for (String one : keys) {
      arguments.addAll(List.of("--key", one));
    }
    return InThisJvm.run(Map.of(), arguments.toArray(String[]::new));
  }

  /** What is wrong with the copy, by the names of its files. */
  private Map<String, String> problems() throws IOException {
    InThisJvm.Ended ended = strangerVerifies(copy, trusted);
    assertThat(ended.err()).isEmpty();
    JsonNode answer = JSON.readTree(ended.out());
    Map<String, String> problems = new TreeMap<>();
    answer
        .path("problems")
        .forEach(one ->
            problems.merge(
                one.path("file").asText(), one.path("what").asText(), (a, b) -> a + "; " + b));
    assertThat(answer.path("valid").asBoolean()).isEqualTo(problems.isEmpty());
    assertThat(ended.status()).isEqualTo(problems.isEmpty() ? 0 : 1);
    return problems;
  }

  private String problemOf(Path file) throws IOException {
    Map<String, String> problems = problems();
    assertThat(problems).containsKey(name(file));
    return problems.get(name(file));
  }

  @Test
  void aStrangerWithThePublicKeyIsToldThatAllIsThere() throws Exception {
    InThisJvm.Ended ended = strangerVerifies(copy, key);

    JsonNode answer = JSON.readTree(ended.out());
    assertThat(ended.status()).as(ended.out()).isZero();
    assertThat(answer.path("valid").asBoolean()).isTrue();
    assertThat(answer.path("records").asInt()).isEqualTo(RECORDS);
    assertThat(answer.path("completeAt").asText()).isNotBlank();
    assertThat(node.done("evidence", "verify", copy.toString()).path("valid").asBoolean()).isTrue();
    for (Path record : records()) {
      assertThat(strangerVerifies(record, key).status()).isZero();
      assertThat(strangerVerifies(pageOf(record), key).status()).isZero();
    }
    assertThat(Files.readString(copy.resolve("KEYS.txt"))).contains(key);
    assertThat(Files.readString(copy.resolve("README.txt"))).contains("evidence verify");
    assertThat(Files.readString(copy.resolve("index.html")))
        .contains(name(pageOf(records().getFirst())));
  }

  @Test
  void everyAlteredByteOfARecordIsFoundAndItsFileNamed() throws Exception {
    Map<String, byte[]> evidence = new TreeMap<>();
    for (Path file : records()) {
      evidence.put(name(file), Files.readAllBytes(file));
    }
    evidence.put(EvidenceChain.HEAD, Files.readAllBytes(copy.resolve(EvidenceChain.HEAD)));
    List<VerifyKey> trusted = List.of(VerifyKey.parse(key));
    assertThat(EvidenceChain.rule(evidence, trusted).problems()).isEmpty();
    for (String file : List.of(name(records().get(1)), EvidenceChain.HEAD)) {
      byte[] sound = evidence.get(file);
      for (int at = 0; at < sound.length; at++) {
        byte[] changed = sound.clone();
        changed[at] ^= 1;
        evidence.put(file, changed);
        assertThat(EvidenceChain.rule(evidence, trusted).problems())
            .as("byte %d of %s", at, file)
            .singleElement()
            .extracting(EvidenceChain.Problem::file)
            .isEqualTo(file);
      }
      evidence.put(file, sound);
    }
  }

  @Test
  void anAlteredRecordIsNotProvenByItselfEither() throws Exception {
    Path record = records().get(2);
    byte[] sound = Files.readAllBytes(record);
    for (int at = 0; at < sound.length; at += 40) {
      byte[] changed = sound.clone();
      changed[at] ^= 4;
      Files.write(record, changed);
      assertThat(strangerVerifies(record, key).status()).as("byte %d", at).isEqualTo(1);
    }
    assertThat(problemOf(record)).contains("altered");
  }

  @Test
  void twoRecordsInEachOthersPlace() throws Exception {
    Path one = records().get(1);
    Path other = records().get(2);
    byte[] bytes = Files.readAllBytes(one);
    Files.write(one, Files.readAllBytes(other));
    Files.write(other, bytes);

    assertThat(problems().keySet()).contains(name(one), name(other));
    assertThat(problemOf(one)).contains("out of order", "number 3");
    assertThat(problemOf(other)).contains("out of order", "number 2");
  }

  @Test
  void eachRemovedRecordIsMissedByItsNumber() throws Exception {
    for (int n = 0; n < RECORDS; n++) {
      Path record = records().get(n);
      byte[] bytes = Files.readAllBytes(record);
      Files.delete(record);

      assertThat(problems().values())
          .as("number %d", n + 1)
          .anyMatch(("missing: number " + (n + 1) + " of " + RECORDS)::equals);

      Files.write(record, bytes);
    }
    assertThat(problems()).isEmpty();
  }

  @Test
  void theNewestRecordsRemovedWithAllThatTellsOfThem() throws Exception {
    Path newest = records().getLast();
    Files.delete(pageOf(newest));
    Files.delete(newest);
    assertThat(problems().values()).contains("missing: number 4 of 4");

    for (String rest : List.of("head.evidence", "index.html", "KEYS.txt", "README.txt")) {
      Files.delete(copy.resolve(rest));
    }

    assertThat(problems()).containsOnlyKeys("head.evidence");
    assertThat(problems().get("head.evidence")).contains("newer ones", "may have been removed");
  }

  @Test
  void aHeadOfBeforeTheNewestRecordsProvesNothingOfThem() throws Exception {
    Node other = Node.local(folder.resolve("other"));
    Files.writeString(other.path("docs/file"), "contents");
    other.done("init");
    other.done("backup", "nightly");
    other.done("drill", "nightly");
    Path early = folder.resolve("early");
    trusted = other.done("evidence", "export", "--target", early.toString()).at("/keys/0").asText();
    other.done("drill", "nightly");
    copy = folder.resolve("late");
    other.done("evidence", "export", "--target", copy.toString());
    assertThat(problems()).isEmpty();
    Files.write(copy.resolve("head.evidence"), Files.readAllBytes(early.resolve("head.evidence")));
    assertThat(problemOf(copy.resolve("head.evidence"))).contains("when there were 1 records");

    Files.delete(pageOf(records().getLast()));
    Files.delete(records().getLast());
    for (String page : List.of("index.html", "KEYS.txt", "README.txt")) {
      Files.write(copy.resolve(page), Files.readAllBytes(early.resolve(page)));
    }
    InThisJvm.Ended ended = strangerVerifies(copy, trusted);
    assertThat(ended.status()).isZero(); // it claims no more than what was there at its time
    assertThat(JSON.readTree(ended.out()).path("records").asInt()).isEqualTo(1);
  }

  @Test
  void aRecordThatIsThereTwice() throws Exception {
    Path record = records().get(1);
    Path again = copy.resolve("000005-" + name(record).substring(7));
    Files.copy(record, again);

    assertThat(problemOf(again)).contains("out of order", "doubled");
  }

  @Test
  void recordsOfAnotherKeyAreNotTrusted() throws Exception {
    SigningKey stranger = SigningKey.generate(new SecureRandom());
    Path record = records().get(1);
    String text = Files.readString(record).lines().findFirst().orElseThrow();
    Files.write(record, SignedText.sign("evidence", text, stranger));
    assertThat(problemOf(record)).contains("not trusted", stranger.verifyKey().id());

    // Whoever trusts that key sees that it changed nothing but the signature: the chain notices.
    InThisJvm.Ended ended = strangerVerifies(copy, key, stranger.verifyKey().text());
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).contains("out of order").contains(name(records().get(2)));

    assertThat(strangerVerifies(exported, stranger.verifyKey().text()).out())
        .contains("not trusted")
        .contains("\"valid\":false");
  }

  @Test
  void aRecordThatOurKeySignedForAnotherPlaceIsNotInTheChain() throws Exception {
    SigningKey writer = KeyFiles.readServiceKey(node.path("service.key")).value().writer();
    Path last = records().getLast();
    String text = Files.readString(last).lines().findFirst().orElseThrow();
    String prev = text.replaceFirst("(\"prev\":\"sha256:)[0-9a-f]{64}", "$1" + "a".repeat(64));
    Files.write(last, SignedText.sign("evidence", prev, writer));

    assertThat(problemOf(last)).contains("the record that it names as the one before it");
    assertThat(problemOf(copy.resolve("head.evidence"))).contains("the last record that it names");
  }

  @Test
  void alteredWordsOfAPageAreFound() throws Exception {
    Path page = pageOf(records().get(1));
    String sound = Files.readString(page);
    for (String[] lie :
        List.of(
            new String[] {"PASS</b>", "FAIL</b>"},
            new String[] {"Proven to level L6", "Proven to level L7"},
            new String[] {"<h2>Checks</h2>", "<h2>Checks</h2><p>And all is well.</p>"},
            new String[] {"</style>", ".verdict { display: none }</style>"},
            new String[] {"verdict&quot;", "verdicts&quot;"})) {
      assertThat(sound).contains(lie[0]);
      Files.writeString(page, sound.replace(lie[0], lie[1]));

      assertThat(strangerVerifies(page, key).status()).as(lie[0]).isEqualTo(1);
      assertThat(problems()).as(lie[0]).containsOnlyKeys(name(page));
    }
    Files.writeString(page, sound + "\n");
    assertThat(problemOf(page)).contains("altered");
    for (String file : List.of("index.html", "KEYS.txt", "README.txt")) {
      Files.writeString(page, sound);
      Files.writeString(
          copy.resolve(file), Files.readString(copy.resolve(file)).replaceFirst("e", "3"));
      assertThat(problemOf(copy.resolve(file))).contains("altered");
    }
  }

  @Test
  void filesThatNoEvidenceStandsBehindAreNamed() throws Exception {
    Files.writeString(copy.resolve("000009-dr_x.html"), "<!DOCTYPE html>all is well");
    assertThat(problems()).containsOnlyKeys("000009-dr_x.html");
  }

  @Test
  void aPageIsWrittenForOneDrillAndNeverOverAFile() throws Exception {
    String drill = name(records().getFirst()).replaceAll("\\d{6}-(.*)\\.evidence", "$1");
    Path page = folder.resolve("page.html");
    node.done("evidence", "show", drill, "--html", page.toString());
    assertThat(page).hasSameBinaryContentAs(pageOf(records().getFirst()));
    node.refused("evidence", "show", drill, "--html", page.toString())
        .is(ErrorCode.USAGE_INVALID, "exists");
  }

  @Test
  void whatCannotBeDoneIsSaid() throws Exception {
    node.refused("evidence", "export", "--target", copy.toString())
        .is(ErrorCode.USAGE_INVALID, "empty");
    node.refused("evidence", "export").is(ErrorCode.USAGE_INVALID, "folder");
    node.refused("evidence", "verify", copy.toString(), "--key", "lifeboat-verify-1nonsense")
        .is(ErrorCode.USAGE_INVALID, "--key");
    node.refused("evidence", "verify", copy.resolve("none").toString())
        .is(ErrorCode.USAGE_INVALID, "none");
    Files.write(copy.resolve("head.evidence"), new byte[] {1, 2});
    assertThat(problemOf(copy.resolve("head.evidence"))).contains("altered");
  }

  @Test
  void evidenceThatTheStoreLostIsToldOfAndMissedInTheExport() throws Exception {
    Node other = Node.local(folder.resolve("other"));
    Files.writeString(other.path("docs/file"), "contents");
    other.done("init");
    other.done("backup", "nightly");
    other.done("drill", "nightly");
    other.done("drill", "nightly");
    Path lost =
        other.objects().stream()
            .filter(file -> file.toString().contains("/e/"))
            .filter(file -> name(file).contains("-1"))
            .findFirst()
            .orElseThrow();
    Files.delete(lost);
    Path target = folder.resolve("target");

    InThisJvm.Ended ended = other.run("evidence", "export", "--target", target.toString());

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).contains(name(lost));
    InThisJvm.Ended verified = other.run("evidence", "verify", target.toString());
    assertThat(verified.status()).isEqualTo(1);
    assertThat(verified.out()).contains("missing: number 1 of 2");
  }

  @Test
  void evidenceOfBeforeThereWasAChainIsExportedAndNoneOfItCanBeTakenAway() throws Exception {
    Node golden = GoldenRepository.unpack(folder.resolve("golden"));
    Path docs = golden.path("docs");
    Files.writeString(docs.resolve("file"), "contents");
    golden.done("backup", "nightly");
    golden.done("drill", "nightly");
    copy = folder.resolve("target");
    trusted = golden.done("evidence", "export", "--target", copy.toString()).at("/keys/0").asText();
    assertThat(problems()).isEmpty();
    assertThat(records()).hasSize(2);
    assertThat(name(records().getFirst())).startsWith("000000-");
    Files.delete(records().getFirst());
    assertThat(problemOf(copy.resolve("head.evidence"))).contains("missing: 1 records");
  }

  @Test
  void eachRepositoryHasAChainOfItsOwn() throws Exception {
    Node two =
        new Node(folder.resolve("two"))
            .configured(
                """
                keys: { service: service.key, recovery: recovery-kit.txt }
                repositories:
                  one: { store: { type: folder, path: store } }
                  other: { store: { type: folder, path: other } }
                sources:
                  docs: { type: files, paths: [docs] }
                plans:
                  nightly: { source: docs, repository: one, drill: { scratch: process } }
                """);
    Files.createDirectories(two.path("docs"));
    Files.writeString(two.path("docs/file"), "contents");
    two.done("init");
    two.done("backup", "nightly");
    two.done("drill", "nightly");
    String target = folder.resolve("target").toString();

    two.refused("evidence", "export", "--target", target)
        .is(ErrorCode.USAGE_INVALID, "several", "one, other")
        .hints("--repository");
    JsonNode empty = two.done("evidence", "export", "--repository", "other", "--target", target);

    assertThat(empty.path("records").asInt()).isZero();
    assertThat(two.done("evidence", "verify", target).path("valid").asBoolean()).isTrue();
    String full = folder.resolve("full").toString();
    two.done("evidence", "export", "--repository", "one", "--target", full);
    assertThat(two.done("evidence", "verify", full).path("records").asInt()).isEqualTo(1);

    // An empty chain's head does not make a full one empty, nor the other way round.
    Path head = Path.of(full, "head.evidence");
    Files.write(head, Files.readAllBytes(Path.of(target, "head.evidence")));
    InThisJvm.Ended mixed = two.run("evidence", "verify", full);
    assertThat(mixed.status()).isEqualTo(1);
    assertThat(mixed.out()).contains("different repositories");
  }

  /** By nothing but the platform, as README.txt there says. */
  @Test
  void whoeverHasNoLifeboatCanVerifyItToo() throws Exception {
    String before = "0".repeat(64);
    int number = 0;
    for (Path record : records()) {
      JsonNode text = JSON.readTree(verifiedByThePlatform(record, "evidence"));
      assertThat(text.path("number").asInt()).isEqualTo(++number);
      assertThat(text.path("prev").asText()).isEqualTo("sha256:" + before);
      before = sha256(Files.readAllBytes(record));
    }
    JsonNode head =
        JSON.readTree(verifiedByThePlatform(copy.resolve("head.evidence"), "evidence-head"));
    assertThat(head.path("count").asInt()).isEqualTo(number);
    assertThat(head.path("last").asText()).isEqualTo("sha256:" + before);
    assertThat(node.done("verify", "--level", "L2").path("problems")).isEmpty();
  }

  private static String verifiedByThePlatform(Path file, String purpose) throws Exception {
    byte[] raw = VerifyKey.parse(key).bytes();
    byte[] spki = HexFormat.of().parseHex("302a300506032b6570032100");
    byte[] encoded = Arrays.copyOf(spki, spki.length + raw.length);
    System.arraycopy(raw, 0, encoded, spki.length, raw.length);
    List<String> lines = Files.readString(file).lines().toList();
    String[] signature = lines.get(1).split(" ");
    assertThat(signature).startsWith("ed25519", sha256(raw).substring(0, 16));
    var ed25519 = Signature.getInstance("Ed25519");
    ed25519.initVerify(
        KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
    ed25519.update(
        ("lifeboat " + purpose + " v1\n" + lines.get(0)).getBytes(StandardCharsets.UTF_8));
    assertThat(ed25519.verify(HexFormat.of().parseHex(signature[2]))).as(name(file)).isTrue();
    return lines.get(0);
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
