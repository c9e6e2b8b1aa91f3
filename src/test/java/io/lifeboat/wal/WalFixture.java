package io.lifeboat.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.postgres.TimelineHistory;
import io.lifeboat.repository.RepositoryFixture;
import io.lifeboat.repository.WalArchive;
import io.lifeboat.repository.WalPiece;
import io.lifeboat.store.folder.FolderStore;
import io.lifeboat.wal.WalOptions.Acknowledge;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A repository in a folder, and a spool on the way to it. */
final class WalFixture {
  static final Duration FLUSH = Duration.ofMillis(100);

  final AwayStore store;
  final Path spool;
  final List<WalEvent> events = new CopyOnWriteArrayList<>();
  private final RepositoryFixture repository;

  WalFixture(Path folder) {
    store = new AwayStore(new FolderStore(folder.resolve("store")));
    spool = folder.resolve("spool");
    repository = RepositoryFixture.create(store, folder.resolve("work"));
  }

  static WalOptions options(String slot, Acknowledge acknowledge) {
    return new WalOptions(slot, acknowledge, FLUSH, 1L << 30);
  }

  WalReceiver start(SourceCluster source, WalOptions options) {
    return WalReceiver.start(
        source.server(),
        spool,
        cluster -> repository.writer().walOf("docs", cluster),
        options,
        events::add,
        Clock.systemUTC());
  }

  WalPusher push(SourceCluster source, WalOptions options) {
    return WalPusher.start(
        source.server(),
        spool,
        cluster -> repository.writer().walOf("docs", cluster),
        options,
        events::add,
        Clock.systemUTC());
  }

  WalArchive archive(SourceCluster source) {
    String cluster = source.ask("SELECT system_identifier FROM pg_control_system()");
    return repository.both().walOf("docs", cluster);
  }

  boolean wasTold(WalState state) {
    return events.stream().anyMatch(event -> event.state() == state);
  }

  boolean wasTold(StallReason reason) {
    return events.stream().anyMatch(event -> event.reason().filter(reason::equals).isPresent());
  }

  /** Waits until all that the server has written by now is in the repository. */
  Lsn awaitDurable(WalReceiver receiver, SourceCluster source) {
    Lsn written = Lsn.parse(source.ask("SELECT pg_current_wal_flush_lsn()"));
    await(
        "WAL up to " + written + " in the repository, " + events,
        () ->
            receiver
                .status()
                .progress()
                .filter(progress -> !progress.durable().isBefore(written))
                .isPresent());
    return written;
  }

  static void await(String what, BooleanSupplier condition) {
    long deadlineNanos = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadlineNanos);
      LockSupport.parkNanos(5_000_000);
    }
  }

  /** Every byte of every piece is what the server has in its files, as far as it still has them. */
  int compare(SourceCluster source, int segmentBytes) throws Exception {
    return compare(source, segmentBytes, 1);
  }

  /** The same of the pieces of one timeline. */
  int compare(SourceCluster source, int segmentBytes, int timeline) throws Exception {
    WalArchive archive = archive(source);
    int compared = 0;
    for (WalPiece piece : archive.list().pieces()) {
      Path file = source.data().resolve("pg_wal").resolve(fileName(piece, segmentBytes));
      if (piece.timeline() == timeline && file.toFile().exists()) {
        try (var in = new RandomAccessFile(file.toFile(), "r")) {
          byte[] bytes = new byte[piece.lengthBytes()];
          in.seek(piece.from());
          in.readFully(bytes);
          assertThat(archive.read(piece).bytes()).as("%s", piece).isEqualTo(bytes);
          compared++;
        }
      }
    }
    return compared;
  }

  static String fileName(WalPiece piece, int segmentBytes) {
    long perLog = 0x1_0000_0000L / segmentBytes;
    return String.format(
        Locale.ROOT,
        "%08X%08X%08X",
        piece.timeline(),
        piece.segment() / perLog,
        piece.segment() % perLog);
  }

  WalCoverage coverage(SourceCluster source, int segmentBytes) {
    return WalCoverage.of(archive(source).list().pieces(), segmentBytes);
  }

  TimelineHistory history(SourceCluster source, int timeline) {
    return timeline == 1
        ? TimelineHistory.first()
        : TimelineHistory.parse(timeline, archive(source).history(timeline));
  }
}
