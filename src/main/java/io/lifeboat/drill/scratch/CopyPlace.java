package io.lifeboat.drill.scratch;

import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.CopySettings;
import io.lifeboat.postgres.RecoverySettings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a scratch server's own files are, and how it is called with them: {@link CopySettings}, and
 * what only a throw-away server wants.
 */
final class CopyPlace {
  private static final int PORT = 5432;

  /** Damage must show; and what a killed server leaves must lie in its folder. */
  private static final List<String> OF_A_SCRATCH =
      List.of(
          "zero_damaged_pages=off",
          "ignore_checksum_failure=off",
          "dynamic_shared_memory_type=mmap");

  private final String folder;
  private final CopySettings.Place place;
  private final CopySettings settings;

  CopyPlace(
      ClusterFacts facts, String folder, String socketFolder, Optional<RecoverySettings> recovery) {
    this.folder = folder;
    this.place =
        new CopySettings.Place(
            socketFolder,
            PORT,
            folder + "/postgresql.conf",
            folder + "/pg_hba.conf",
            folder + "/pg_ident.conf");
    this.settings = CopySettings.scratch(facts, place, recovery);
  }

  /** The server's arguments. */
  List<String> arguments(String data) {
    List<String> arguments = new ArrayList<>(settings.arguments(data, place));
    OF_A_SCRATCH.forEach(setting -> arguments.addAll(List.of("-c", setting)));
    return arguments;
  }

  /** The files that it needs, by absolute path. */
  Map<String, byte[]> files() {
    return Map.of(
        folder + "/postgresql.conf", settings.configFile().getBytes(StandardCharsets.UTF_8),
        folder + "/pg_hba.conf", settings.hbaFile().getBytes(StandardCharsets.UTF_8),
        folder + "/pg_ident.conf", new byte[0]);
  }
}
