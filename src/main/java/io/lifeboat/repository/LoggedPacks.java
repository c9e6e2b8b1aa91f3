package io.lifeboat.repository;

import io.lifeboat.error.LifeboatException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link KnownPacks} by a log. Thread-safe. */
final class LoggedPacks implements KnownPacks {
  private static final Logger LOG = LoggerFactory.getLogger(LoggedPacks.class);

  private final PackFates fates;
  private final List<PackRef> copies;
  private final Optional<PackIndexReader> reader;

  private LoggedPacks(PackFates fates, List<PackRef> copies, Optional<PackIndexReader> reader) {
    this.fates = fates;
    this.copies = copies;
    this.reader = reader;
  }

  static LoggedPacks of(RepositoryContext context, CommitLog.View view) {
    PackFates fates = PackFates.of(view);
    List<PackRef> copies =
        view.all(LogRecord.Relocate.class)
            .map(entry -> PackFates.ref(entry.to()))
            .filter(pack -> !fates.isAbsent(pack.id()))
            .toList();
    return context.keyring().maintainers().isEmpty()
        ? new LoggedPacks(fates, List.of(), Optional.empty())
        : new LoggedPacks(fates, copies, Optional.of(new PackIndexReader(context)));
  }

  @Override
  public boolean mayUse(PackId pack) {
    return !fates.isAbsent(pack);
  }

  @Override
  public List<PackRef> copies() {
    return copies;
  }

  @Override
  public Optional<IndexSegments.Pack> open(PackRef copy) {
    try {
      // The log says what its bytes are, and backups will rely on them without reading them.
      return reader
          .map(packs -> packs.openWhole(copy).entries().stream().map(PackEntry::chunk).toList())
          .map(chunks -> new IndexSegments.Pack(copy, chunks));
    } catch (LifeboatException e) {
      if (!OpenedPacks.isDamage(e)) {
        throw e;
      }
      LOG.warn("event=copy-unreadable object={} reason={}", copy.objectName(), e.getMessage());
      return Optional.empty();
    }
  }
}
