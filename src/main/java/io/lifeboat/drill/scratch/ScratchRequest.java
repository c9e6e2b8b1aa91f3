package io.lifeboat.drill.scratch;

import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.postgres.BaseBackupResult.Tablespace;
import io.lifeboat.postgres.ClusterFacts;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a PostgreSQL scratch is needed for.
 *
 * @param drill the drill's id, part of the names of what is made
 * @param image the container's image; {@code postgres:<major>} if empty
 * @param programs the folder with the {@code postgres} program; searched for if empty
 * @param facts of the cluster that will be restored
 */
public record ScratchRequest(
    String drill,
    ScratchKind kind,
    Optional<String> image,
    Optional<Path> programs,
    ClusterFacts facts) {
  int major() {
    return facts.server().major();
  }

  List<Long> tablespaces() {
    return facts.capture().stream()
        .flatMap(capture -> capture.tablespaces().stream())
        .map(Tablespace::oid)
        .toList();
  }
}
