package io.lifeboat.store;

import static io.lifeboat.store.PutOutcome.CREATED;
import static io.lifeboat.store.PutOutcome.EXISTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link ObjectStore} guarantees. Each adapter has a subclass that opens an empty store.
 */
public abstract class ObjectStoreContract {
  private static final int LARGE_BYTES = 80 * 1024 * 1024;

  @TempDir private Path folder;
  private ObjectStore store;

  /** Opens an empty store. */
  protected abstract ObjectStore open() throws Exception;

  @BeforeEach
  void openStore() throws Exception {
    store = open();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Test
  void anObjectThatIsLongerThanItsReaderAllowsIsRefused() {
    put("p/d/00/limited", "12345");

    assertThat(store.get("p/d/00/limited", 5)).hasSize(5);
    assertThatThrownBy(() -> store.get("p/d/00/limited", 4))
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OBJECT_DAMAGED))
        .hasMessageContaining("p/d/00/limited")
        .hasMessageContaining("5 bytes");
  }

  @Test
  void whatWasPutIsRead() {
    assertThat(put("log/0000000000000000", "first")).isEqualTo(CREATED);

    assertThat(text("log/0000000000000000")).isEqualTo("first");
  }

  @Test
  void aSecondPutOfANameChangesNothing() {
    put("format", "first");

    assertThat(put("format", "second")).isEqualTo(EXISTS);
    assertThat(put("format", "first")).isEqualTo(EXISTS);

    assertThat(text("format")).isEqualTo("first");
  }

  @Test
  void anObjectMayBeEmpty() {
    assertThat(store.putIfAbsent("empty", new Body.Bytes(new byte[0]))).isEqualTo(CREATED);

    assertThat(store.get("empty", 100 << 20)).isEmpty();
    assertThat(store.getRange("empty", 0, 10)).isEmpty();
    assertThat(store.head("empty"))
        .hasValueSatisfying(info -> assertThat(info.sizeBytes()).isZero());
    assertThat(store.putIfAbsent("empty", new Body.Bytes(new byte[0]))).isEqualTo(EXISTS);
  }

  @Test
  void aRangeIsReadFromTheMiddleAndShortAtTheEnd() {
    put("p/d/ab/abcdef", "0123456789");

    assertThat(range("p/d/ab/abcdef", 3, 4)).isEqualTo("3456");
    assertThat(range("p/d/ab/abcdef", 0, 10)).isEqualTo("0123456789");
    assertThat(range("p/d/ab/abcdef", 8, 100)).isEqualTo("89");
    assertThat(range("p/d/ab/abcdef", 8, Integer.MAX_VALUE)).isEqualTo("89");
    assertThat(range("p/d/ab/abcdef", 10, 5)).isEmpty();
    assertThat(range("p/d/ab/abcdef", 5_000_000_000L, 5)).isEmpty();
    assertThat(range("p/d/ab/abcdef", 4, 0)).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> range("p/d/ab/abcdef", -1, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> range("p/d/ab/abcdef", 0, -1));
  }

  @Test
  void headTellsSizeOrThatThereIsNothing() {
    put("a/b", "12345");

    assertThat(store.head("a/b"))
        .hasValueSatisfying(info -> {
          assertThat(info.name()).isEqualTo("a/b");
          assertThat(info.sizeBytes()).isEqualTo(5);
        });
    assertThat(store.head("a/c")).isEmpty();
    assertThat(store.head("a")).isEmpty();
    assertThat(store.head("a/b/c")).isEmpty();
  }

  @Test
  void aMissingObjectIsNamed() {
    put("there", "x");

    for (String name : List.of("not-there", "no/folder/there", "there/below")) {
      assertMissing(name, () -> store.get(name, 100 << 20));
      assertMissing(name, () -> store.getRange(name, 0, 10));
      assertMissing(name, () -> store.getRange(name, 0, 0));
    }
  }

  @Test
  void aListIsInByteOrderOfWholeNames() {
    List<String> names =
        List.of(
            "a-b", "a.b", "a/-", "a/0/x", "a/0y", "a/Z", "a/_", "a/a", "a0", "aB", "ab", "b/1",
            "c/1");
    List<String> shuffled = new ArrayList<>(names);
    Collections.shuffle(shuffled, new Random(1));
    shuffled.forEach(name -> put(name, name));

    assertThat(names("")).isEqualTo(names);
    assertThat(names("a/")).containsExactly("a/-", "a/0/x", "a/0y", "a/Z", "a/_", "a/a");
    assertThat(names("a/0")).containsExactly("a/0/x", "a/0y");
    assertThat(names("a")).isEqualTo(names.subList(0, 11));
    assertThat(names("a/0/x")).containsExactly("a/0/x");
    assertThat(names("a/0/x/")).isEmpty();
    assertThat(names("d")).isEmpty();
    assertThat(names("d/e/f")).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> store.list("../"));
    assertThatIllegalArgumentException().isThrownBy(() -> store.list("a//"));
    assertThatIllegalArgumentException().isThrownBy(() -> store.list("/"));
  }

  @Test
  void aListTellsSizes() {
    put("log/1", "1");
    put("log/2", "22");

    try (Stream<ObjectInfo> list = store.list("log/")) {
      assertThat(list.map(ObjectInfo::sizeBytes)).containsExactly(1L, 2L);
    }
  }

  @Test
  void aListGoesOnBeyondOnePage() throws Exception {
    List<String> names = IntStream.range(0, 1003).mapToObj("n/%05d"::formatted).toList();
    inParallel(names.stream().<Callable<PutOutcome>>map(name -> () -> put(name, "")).toList());

    assertThat(names("n/")).isEqualTo(names);
  }

  @Test
  void deletingTwiceIsDeletingOnce() {
    put("a/b", "x");
    put("a/c", "y");

    store.delete("a/b");
    store.delete("a/b");
    store.delete("a");
    store.delete("never/there");

    assertThat(names("")).containsExactly("a/c");
    assertThat(store.head("a/b")).isEmpty();
    assertThat(put("a/b", "again")).isEqualTo(CREATED);
  }

  @Test
  void aLargeFileGoesThereAndBack() throws IOException {
    Path large = folder.resolve("large");
    byte[] pattern = new byte[1024 * 1024];
    new Random(7).nextBytes(pattern);
    try (var out =
        FileChannel.open(large, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int written = 0; written < LARGE_BYTES; written += pattern.length) {
        pattern[0]++;
        out.write(ByteBuffer.wrap(pattern));
      }
    }
    var body = new Body.SpooledFile(large, LARGE_BYTES);

    assertThat(store.putIfAbsent("p/d/00/large", body)).isEqualTo(CREATED);
    assertThat(store.putIfAbsent("p/d/00/large", body)).isEqualTo(EXISTS);

    byte[] expected = Files.readAllBytes(large);
    Files.delete(large);
    assertThat(Arrays.equals(store.get("p/d/00/large", 100 << 20), expected)).isTrue();
    assertThat(store.getRange("p/d/00/large", LARGE_BYTES - 100, 200))
        .isEqualTo(Arrays.copyOfRange(expected, LARGE_BYTES - 100, LARGE_BYTES));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"_", "-", "a..b", "A", "0", "x.tmp", "-rf", "README.txt", "a/b/c/d/e/f/g/h"})
  void oddButLegalNamesWork(String name) {
    assertThat(put(name, name)).isEqualTo(CREATED);

    assertThat(text(name)).isEqualTo(name);
    assertThat(names("")).containsExactly(name);
    store.delete(name);
    assertThat(names("")).isEmpty();
  }

  @Test
  void theLongestNamesWork() {
    String name = "a".repeat(255) + "/" + "b".repeat(254) + "/";
    for (String longest : List.of(name + "c", "d".repeat(200))) {
      put(longest, "x");
      assertThat(text(longest)).isEqualTo("x");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "a/", "/a", "a//b", ".", "..", "../a", "a/../b", "a/./b", ".tmp/x", ".hidden",
        "a b", "a\\b", "é", "a\nb", "a%2fb", "a:b", "a\0b"
      })
  void namesAgainstTheRuleAreRefused(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> put(name, "x"));
    assertThatIllegalArgumentException().isThrownBy(() -> store.get(name, 100 << 20));
    assertThatIllegalArgumentException().isThrownBy(() -> store.getRange(name, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> store.head(name));
    assertThatIllegalArgumentException().isThrownBy(() -> store.delete(name));
    assertThat(names("")).isEmpty();
  }

  @Test
  void namesThatAreTooLongAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> put("a".repeat(256), "x"));
    assertThatIllegalArgumentException().isThrownBy(() -> put("a/".repeat(256) + "a", "x"));
  }

  @Test
  void ofParallelPutsOfOneNameExactlyOneWins() throws Exception {
    for (int round = 0; round < 50; round++) {
      assertOneWinner("race/" + round, 8);
    }
  }

  @Test
  void twoParallelPutsOfOneNameHaveExactlyOneWinnerWhoseBytesAreRead() throws Exception {
    for (int round = 0; round < 50; round++) {
      assertOneWinner("pair/" + round, 2);
    }
  }

  @Test
  void parallelPutsOfDifferentNamesAllArrive() throws Exception {
    List<String> names = IntStream.range(0, 200).mapToObj("par/%03d"::formatted).toList();

    List<PutOutcome> outcomes =
        inParallel(
            names.stream().<Callable<PutOutcome>>map(name -> () -> put(name, name)).toList());

    assertThat(outcomes).hasSize(200).containsOnly(CREATED);
    assertThat(names("par/")).isEqualTo(names);
    names.forEach(name -> assertThat(text(name)).isEqualTo(name));
  }

  private void assertOneWinner(String name, int contenders) throws Exception {
    var start = new CyclicBarrier(contenders);
    List<PutOutcome> outcomes =
        inParallel(
            IntStream.range(0, contenders)
                .<Callable<PutOutcome>>mapToObj(contender ->
                    () -> {
                      start.await();
                      return put(name, "contender " + contender);
                    })
                .toList());

    assertThat(outcomes.stream().filter(CREATED::equals)).hasSize(1);
    assertThat(text(name)).isEqualTo("contender " + outcomes.indexOf(CREATED));
  }

  private static <T> List<T> inParallel(List<Callable<T>> tasks) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<T> results = new ArrayList<>();
      for (Future<T> future : threads.invokeAll(tasks)) {
        results.add(future.get());
      }
      return results;
    }
  }

  private static void assertMissing(String name, ThrowingCallable read) {
    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(read)
        .withMessageContaining(name)
        .extracting(LifeboatException::code)
        .isEqualTo(ErrorCode.OBJECT_MISSING);
  }

  private PutOutcome put(String name, String text) {
    return store.putIfAbsent(name, new Body.Bytes(text.getBytes(StandardCharsets.UTF_8)));
  }

  private String text(String name) {
    return new String(store.get(name, 100 << 20), StandardCharsets.UTF_8);
  }

  private String range(String name, long offsetBytes, int lengthBytes) {
    return new String(store.getRange(name, offsetBytes, lengthBytes), StandardCharsets.UTF_8);
  }

  private List<String> names(String prefix) {
    try (Stream<ObjectInfo> list = store.list(prefix)) {
      return list.map(ObjectInfo::name).toList();
    }
  }
}
