package io.lifeboat.wal;

import io.lifeboat.repository.WalArchive;
import io.lifeboat.repository.WalWriter;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where a cluster's WAL goes; opened when it is first needed, as the store may be away.
 * Thread-safe.
 */
final class WalDestination {
  private final Function<String, WalArchive> archives;
  private Optional<WalArchive> archive = Optional.empty();
  private Optional<WalWriter> writer = Optional.empty();

  /**
   * A destination.
   *
   * @param archives knows the archive of a cluster by its system identifier
   */
  WalDestination(Function<String, WalArchive> archives) {
    this.archives = archives;
  }

  synchronized WalArchive archive(String systemIdentifier) {
    if (archive.isEmpty()) {
      archive = Optional.of(archives.apply(systemIdentifier));
    }
    return archive.get();
  }

  synchronized WalWriter writer(String systemIdentifier) {
    if (writer.isEmpty()) {
      writer = Optional.of(archive(systemIdentifier).writer());
    }
    return writer.get();
  }
}
