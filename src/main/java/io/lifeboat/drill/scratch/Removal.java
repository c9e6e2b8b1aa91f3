package io.lifeboat.drill.scratch;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Removes a scratch by its ledger entry: processes, container, folders, in this order; then the
 * entry itself, and that only if all of it is proven gone. Drills and the janitor use the same.
 * Thread-safe.
 */
final class Removal {
  private final Ledger ledger;
  private final DockerConnection docker;

  Removal(Ledger ledger, DockerConnection docker) {
    this.ledger = ledger;
    this.docker = docker;
  }

  /**
   * Removes it.
   *
   * @throws PermanentException with code {@code SCRATCH_NOT_REMOVED}, naming what is left; the
   *     entry is then kept, as expired, so that the janitor goes on trying
   */
  void remove(LedgerEntry entry) {
    List<Exception> failures = new ArrayList<>();
    for (String folder : entry.folders()) {
      attempt(failures, () -> removeFolder(Path.of(folder)));
    }
    for (String container : entry.container()) {
      attempt(failures, () -> docker.engine().remove(container));
    }
    if (failures.isEmpty()) {
      ledger.strike(entry.id());
      return;
    }
    attempt(failures, () -> ledger.record(entry.expiringAt(Instant.EPOCH)));
    var left =
        new PermanentException(
            ErrorCode.SCRATCH_NOT_REMOVED,
            "Scratch "
                + entry.id()
                + " is not gone ("
                + String.join(", ", entry.container())
                + String.join(", ", entry.folders())
                + "): "
                + failures.getFirst().getMessage(),
            "The janitor goes on trying each minute; if it stays, remove what is named by hand.",
            failures.getFirst());
    failures.stream().skip(1).forEach(left::addSuppressed);
    throw left;
  }

  private static void removeFolder(Path folder) throws IOException {
    new ScratchProcesses(folder).endAll();
    FolderRemoval.remove(folder);
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(folder + " is still there");
    }
  }

  private static void attempt(List<Exception> failures, Step step) {
    try {
      step.run();
    } catch (IOException | LifeboatException e) {
      failures.add(e);
    }
  }

  private interface Step {
    void run() throws IOException;
  }
}
