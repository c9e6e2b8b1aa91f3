package io.lifeboat.store.folder;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.store.ObjectInfo;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderStoreCrashTest {
  private static final int ROUNDS = 5;

  @TempDir private Path folder;

  @Test
  void afterAKillEveryListedObjectIsWholeAndEveryAcknowledgedOneIsThere() throws Exception {
    var random = new Random();
    List<String> acknowledged = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      acknowledged.addAll(putUntilKilled(round, 5 + random.nextInt(20), random.nextInt(20)));
    }

    try (var store = new FolderStore(folder.resolve("store"));
        Stream<ObjectInfo> objects = store.list("")) {
      List<String> listed = objects.map(ObjectInfo::name).toList();
      assertThat(listed).containsAll(acknowledged).hasSizeGreaterThanOrEqualTo(5 * ROUNDS);
      for (String name : listed) {
        assertThat(PutLoop.isWhole(store.get(name, 100 << 20))).as(name).isTrue();
      }
    }
  }

  private List<String> putUntilKilled(int seed, int puts, int thenMillis) throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                PutLoop.class.getName(),
                folder.resolve("store").toString(),
                folder.resolve("spool").toString(),
                String.valueOf(seed))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader said =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      List<String> acknowledged = new ArrayList<>();
      for (int n = 0; n < puts; n++) {
        acknowledged.add(said.readLine());
      }
      // Not to wait for anything: to strike at another point of a put each time.
      Thread.sleep(thenMillis);
      // SIGKILL; by the handle, because the process itself would close the pipe that is still to be
      // read.
      assertThat(child.toHandle().destroyForcibly()).isTrue();
      // What came through whole was acknowledged too; the last line may be cut.
      List<String> rest = said.lines().toList();
      acknowledged.addAll(rest.isEmpty() ? rest : rest.subList(0, rest.size() - 1));
      return acknowledged;
    } finally {
      child.destroyForcibly().waitFor();
    }
  }
}
