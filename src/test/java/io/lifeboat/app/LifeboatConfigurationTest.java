package io.lifeboat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropwizard.core.server.DefaultServerFactory;
import io.dropwizard.jackson.Jackson;
import io.dropwizard.jetty.HttpConnectorFactory;
import io.lifeboat.config.ConfigurationFile;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LifeboatConfigurationTest {
  @TempDir Path folder;

  @Test
  void theShippedFileListensOnLoopbackOnly() {
    assertThat(hosts(read(Path.of("config.yml")))).containsOnly("127.0.0.1");
  }

  @Test
  void theExamplesOfTheShippedFileAreValidOnceTheyAreUncommented() throws IOException {
    String shipped = Files.readString(Path.of("config.yml"));
    String examples = shipped.substring(shipped.indexOf("\nrepositories:"));
    String uncommented =
        examples
            .replaceAll("(?m)^#(  .*)$", "$1")
            .replaceAll("(repositories|sources|plans): \\{}", "$1:");
    var file = Files.writeString(folder.resolve("config.yml"), uncommented);

    var settings =
        ConfigurationFile.read(
                file,
                Map.of(
                    "S3_ACCESS_KEY",
                    "a",
                    "S3_SECRET_KEY",
                    "b",
                    "SHOP_PASSWORD",
                    "c",
                    "CRM_PASSWORD",
                    "d"))
            .settings();

    assertThat(settings.plans()).containsOnlyKeys("shop-nightly");
    assertThat(settings.repositories()).containsOnlyKeys("primary", "local");
    assertThat(settings.sources()).containsOnlyKeys("shop", "crm", "artifacts");
  }

  @Test
  void withoutAServerSectionOnlyLoopbackIsBound() throws IOException {
    assertThat(hosts(read(Files.writeString(folder.resolve("config.yml"), ""))))
        .containsOnly("127.0.0.1");
  }

  @Test
  void anUnknownKeyOfTheWebServerIsNamedToo() throws IOException {
    var file = Files.writeString(folder.resolve("config.yml"), "server:\n  adminConnectorss: []\n");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(PermanentException.class)
        .hasMessageContaining("line 2, server.adminConnectorss: unknown key");
  }

  private static LifeboatConfiguration read(Path file) {
    return LifeboatConfiguration.read(file, Map.of(), Jackson.newObjectMapper());
  }

  private static java.util.List<String> hosts(LifeboatConfiguration configuration) {
    var server = (DefaultServerFactory) configuration.getServerFactory();
    return java.util.stream.Stream.concat(
            server.getApplicationConnectors().stream(), server.getAdminConnectors().stream())
        .map(connector -> ((HttpConnectorFactory) connector).getBindHost())
        .toList();
  }
}
