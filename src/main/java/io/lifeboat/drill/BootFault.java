package io.lifeboat.drill;

import io.lifeboat.drill.scratch.Startup;
import java.util.List;
import java.util.Optional;

/**
 * Why a restored cluster did not start, told by its log, which a scratch writes in English. What is
 * on this list is the scratch's fault; everything else counts against the backup, since booting it
 * is what a drill is for.
 */
final class BootFault {
  private static final List<String> OF_THE_SCRATCH =
      List.of(
          "No space left on device",
          "Cannot allocate memory",
          "could not map anonymous shared memory",
          "could not create shared memory segment",
          "could not create semaphores",
          "could not bind Unix address",
          "could not create Unix-domain socket",
          "could not create lock file",
          "could not access file \"",
          "is incompatible with this version",
          "database files are incompatible with server",
          "Permission denied",
          "unrecognized configuration parameter",
          "Too many open files",
          "was terminated by signal 9",
          "was terminated by signal 7",
          "shutdown request");

  private static final int KILLED = 128;

  private BootFault() {}

  /** What shows a fault of the scratch. */
  static Optional<String> ofScratch(Startup.Ended ended) {
    if (ended.status() > KILLED) {
      return Optional.of("the server was killed by signal " + (ended.status() - KILLED));
    }
    return ended.log().stream()
        .filter(line -> OF_THE_SCRATCH.stream().anyMatch(line::contains))
        .findFirst();
  }
}
