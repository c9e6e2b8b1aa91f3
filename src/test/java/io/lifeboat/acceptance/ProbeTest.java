package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.error.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An unsafe store is told of by {@code probe}, and nothing is ever written to it. */
class ProbeTest {
  @TempDir Path folder;

  @Test
  void aFolderIsExaminedWithoutKeysAndLeftAsItWas() throws Exception {
    Node node = Node.local(folder);
    node.done("init");
    List<Path> before = node.objects();

    JsonNode said = node.done("probe");

    assertThat(said.path("safe").asBoolean()).isTrue();
    JsonNode store = said.path("stores").path(0);
    assertThat(store.path("repository").asText()).isEqualTo("local");
    List<String> names = new ArrayList<>();
    for (JsonNode row : store.path("capabilities")) {
      names.add(row.path("capability").asText());
      assertThat(row.path("answer").asText()).isIn("yes", "no", "unknown");
      assertThat(row.path("consequence").asText()).isNotBlank();
    }
    assertThat(names)
        .contains("conditional put", "files and folders are synced", "free space", "object lock");
    assertThat(node.objects()).isEqualTo(before);

    var byName = InThisJvm.run(Map.of(), "probe", "--store", "folder:" + folder.resolve("other"));
    assertThat(byName.status()).as(byName.err()).isZero();
    assertThat(byName.out()).contains("given: folder ", "conditional put", "Safe for Lifeboat.");
  }

  @Test
  void aServerThatIgnoresConditionsIsNamedWithStatusThree() throws Exception {
    try (var server = new DeafS3()) {
      var ended =
          InThisJvm.run(keys(), "probe", "--json", "--store", "s3:" + server.endpoint() + "/bb/p");

      assertThat(ended.status()).as(ended.err()).isEqualTo(3);
      JsonNode store = new ObjectMapper().readTree(ended.out()).path("stores").path(0);
      assertThat(store.path("safe").asBoolean()).isFalse();
      assertThat(store.path("code").asText()).isEqualTo(ErrorCode.STORE_UNSAFE.name());
      assertThat(server.objects()).isEmpty();
    }
  }

  @Test
  void aStoreThatStopsHonouringConditionsGetsNoBackup() throws Exception {
    try (var server = new DeafS3()) {
      Node honest = Node.local(folder.resolve("honest"));
      honest.done("init");
      for (Path object : honest.objects()) {
        String name = honest.path("store").relativize(object).toString();
        server.objects().put("/bb/p/" + name, Files.readAllBytes(object));
      }
      Map<String, byte[]> before = new TreeMap<>(server.objects());
      Node node =
          Node.local(folder.resolve("deaf"))
              .configured(
                  """
                  keys: { service: ../honest/service.key }
                  repositories:
                    local: { store: { type: s3, endpoint: "%s", bucket: bb, prefix: p, pathStyle: true,
                                      accessKey: any, secretKey: any } }
                  sources:
                    docs: { type: files, paths: [docs] }
                  plans:
                    nightly: { source: docs, repository: local }
                  """
                      .formatted(server.endpoint()));

      node.refused("backup", "nightly")
          .is(ErrorCode.STORE_UNSAFE, "ignores conditional writes", "log/0000000000000000");

      assertThat(server.objects()).containsExactlyEntriesOf(before);
    }
  }

  private static Map<String, String> keys() {
    return Map.of("AWS_ACCESS_KEY_ID", "any", "AWS_SECRET_ACCESS_KEY", "any");
  }
}
