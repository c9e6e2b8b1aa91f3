package io.lifeboat.acceptance;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever happens to an object, {@code verify} names it, and {@code restore} brings back exactly
 * what was backed up or says what is wrong: never other data, never a hang, never a stack trace.
 */
@Tag("slow")
@Timeout(value = 5, unit = MINUTES)
class OneByteTest {
  private static final long SEED = System.nanoTime();
  private static final Random RANDOM = new Random(SEED);

  @TempDir static Path folder;
  private static Node node;
  private static Map<String, String> expected;
  private static int targets;

  @BeforeAll
  static void backUpTwice() throws Exception {
    node = Node.local(folder.resolve("node"));
    Tree.plant(node.path("docs"), RANDOM);
    node.done("init");
    node.done("backup", "nightly");
    Tree.write(node.path("docs/added"), RANDOM, 200_000);
    node.done("backup", "nightly");
    // Evidence is an object too.
    assertThat(node.done("drill", "nightly").path("verdict").asText()).isEqualTo("PASS");
    expected = Tree.describe(node.path("docs"));
    Tree.copy(node.path("store"), folder.resolve("good"));
    assertThat(problems("L1")).isEmpty();
  }

  @AfterEach
  void mend() throws Exception {
    Tree.remove(node.path("store"));
    Tree.copy(folder.resolve("good"), node.path("store"));
    // Setting the store back is what the node would complain of.
    Tree.remove(node.path("var/tips"));
  }

  @Test
  void aChangedByteAnywhereInAnyObjectIsNamed() throws Exception {
    for (Path object : node.objects()) {
      byte[] good = Files.readAllBytes(object);
      int middle = RANDOM.nextInt(good.length);
      for (int offset : new int[] {0, good.length - 1, middle}) {
        byte[] bad = good.clone();
        bad[offset] ^= (byte) (1 << RANDOM.nextInt(8));
        overwrite(object, bad);
        isNamed(object, "byte " + offset + " of " + good.length + " changed, seed " + SEED);
        if (offset == middle) {
          restoreIsRightOrRefused(object);
        }
      }
      overwrite(object, good);
    }
  }

  @Test
  void aTruncatedAnEmptiedAndAnExtendedObjectIsNamed() throws Exception {
    for (Path object : node.objects()) {
      byte[] good = Files.readAllBytes(object);
      for (int length : new int[] {0, 1, good.length / 2, good.length - 1, good.length + 1}) {
        overwrite(object, Arrays.copyOf(good, length));
        isNamed(object, "cut to " + length + " of " + good.length + ", seed " + SEED);
      }
      overwrite(object, Arrays.copyOf(good, good.length / 2));
      restoreIsRightOrRefused(object);
      overwrite(object, good);
    }
  }

  @Test
  void aDeletedObjectIsNamed() throws Exception {
    for (Path object : node.objects()) {
      byte[] good = Files.readAllBytes(object);
      Files.delete(object);
      if (name(object).startsWith("x/")) {
        // No snapshot needs the index: the verdict stays, and a warning names it.
        assertThat(node.done("verify").path("warnings").toString())
            .contains(name(object).substring(0, name(object).lastIndexOf('/')));
      } else {
        // The newest entry of the log, too: this node remembers it.
        isNamed(object, "deleted, seed " + SEED);
      }
      restoreIsRightOrRefused(object);
      Files.write(object, good);
    }
  }

  @Test
  void packsThatTookEachOthersPlaceAreNamed() throws Exception {
    List<Path> packs =
        node.objects().stream().filter(object -> name(object).startsWith("p/")).toList();
    assertThat(packs).hasSizeGreaterThanOrEqualTo(4);
    for (int n = 1; n < packs.size(); n++) {
      Path first = packs.get(n - 1);
      Path second = packs.get(n);
      byte[] firstBytes = Files.readAllBytes(first);
      byte[] secondBytes = Files.readAllBytes(second);
      overwrite(first, secondBytes);
      overwrite(second, firstBytes);
      isNamed(first, "swapped with " + name(second));
      isNamed(second, "swapped with " + name(first));
      restoreIsRightOrRefused(first, second);
      overwrite(first, firstBytes);
      overwrite(second, secondBytes);
    }
  }

  @Test
  void anObjectOfAnotherRepositoryIsNamed() throws Exception {
    Node other = Node.local(folder.resolve("other"));
    Tree.plant(other.path("docs"), new Random(SEED + 1));
    other.done("init");
    other.done("backup", "nightly");
    for (Path foreign : other.objects()) {
      String name = other.path("store").relativize(foreign).toString();
      Path place = node.path("store").resolve(name);
      boolean replaces = Files.exists(place);
      if (name.startsWith("README") || name.startsWith("spec/") || name.startsWith("x/")) {
        continue; // the same in all repositories, or in a folder that ours never reads
      }
      byte[] good = replaces ? Files.readAllBytes(place) : new byte[0];
      Files.createDirectories(place.getParent());
      Files.copy(foreign, place, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      if (name.startsWith("p/")) {
        // Its name fits its bytes, and no snapshot of ours needs it: level 2 opens it.
        assertThat(problems("L2")).as(name).contains(name);
      } else {
        isNamed(place, "of another repository");
      }
      restoreIsRightOrRefused(place);
      if (replaces) {
        overwrite(place, good);
      } else {
        Files.delete(place);
      }
    }
  }

  @Test
  void aBackupDoesNotTrustAnIndexThatWasTamperedWith() throws Exception {
    List<Path> segments =
        node.objects().stream().filter(object -> name(object).startsWith("x/")).toList();
    Path first = segments.getFirst();
    overwrite(first, Files.readAllBytes(segments.getLast()));
    overwrite(segments.getLast(), new byte[1000]);
    InThisJvm.Ended ended = node.run("backup", "nightly");
    if (ended.status() != 0) {
      String message = Node.failure(ended.status(), ended.out(), ended.err()).message();
      assertThat(segments).map(OneByteTest::name).anyMatch(message::contains);
    }
    restoreIsRightOrRefused(first);
  }

  private static void overwrite(Path object, byte[] bytes) throws IOException {
    // Spooled files are linked into the store: not to write through to another name.
    Files.delete(object);
    Files.write(object, bytes);
  }

  private static String name(Path object) {
    return node.path("store").relativize(object).toString();
  }

  /** What verify says is wrong; a refusal to open the repository at all counts. */
  private static String problems(String level) throws IOException {
    InThisJvm.Ended ended = node.run("verify", "--level", level);
    if (ended.out().isEmpty()) {
      return Node.failure(ended.status(), ended.out(), ended.err()).message();
    }
    JsonNode answer = new ObjectMapper().readTree(ended.out());
    List<String> problems =
        StreamSupport.stream(answer.path("problems").spliterator(), false)
            .map(JsonNode::asText)
            .toList();
    assertThat(ended.status()).isEqualTo(problems.isEmpty() ? 0 : 1);
    return String.join("\n", problems);
  }

  private static void isNamed(Path object, String what) throws IOException {
    assertThat(problems("L1")).as("%s: %s", name(object), what).contains(name(object));
  }

  private static void restoreIsRightOrRefused(Path... hit) throws Exception {
    List<String> names = Arrays.stream(hit).map(OneByteTest::name).toList();
    Path target = folder.resolve("target-" + targets++);
    InThisJvm.Ended ended = node.run("restore", "--source", "docs", "--target", target.toString());
    if (ended.status() == 0) {
      Map<String, String> restored = Tree.describe(target.resolve("docs"));
      boolean older = !restored.containsKey("added");
      if (older) {
        // The newest snapshot is not listed any more; then the one before it comes back.
        restored.put("added", expected.get("added"));
        restored.put("", expected.get(""));
      }
      assertThat(restored).as("restored, with damage of %s", names).isEqualTo(expected);
    } else {
      Node.Failure failure = Node.failure(ended.status(), ended.out(), ended.err());
      assertThat(ErrorCode.valueOf(failure.code()).kind())
          .as(failure.whole())
          .isIn(ErrorCode.Kind.INTEGRITY, ErrorCode.Kind.REFUSED, ErrorCode.Kind.ENVIRONMENT);
      assertThat(names).as(failure.whole()).anyMatch(failure.message()::contains);
    }
    if (Files.exists(target)) {
      Tree.remove(target);
    }
  }
}
