package io.lifeboat.config;

import static java.util.concurrent.TimeUnit.MINUTES;

import io.lifeboat.fuzz.Fuzz;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A configuration with slips of the pen, and worse. */
@Timeout(value = 30, unit = MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConfigurationFuzzTest {
  @TempDir Path folder;

  @Test
  void configurations() throws Exception {
    byte[] whole = ConfigurationFileTest.WHOLE.getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve("config.yml");
    Fuzz.of("configurations", whole)
        .run(
            700,
            bytes -> {
              Files.write(file, bytes);
              ConfigurationFile.read(
                  file, Map.of("S3_ACCESS_KEY", "AKIA", "SHOP_PASSWORD", "secret"));
            });
  }
}
