package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.BaseBackupResult.Tablespace;
import io.lifeboat.progress.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * Reads a whole cluster from a running server, with the WAL that makes it consistent. One thread,
 * one connection, no file of its own: memory does not grow with the cluster, but for the manifest
 * (about 150 bytes for each file).
 */
public final class BaseBackup {
  private static final long KIB = 1024;
  private static final String DATA_CORRUPTED = "XX001";

  private final PostgresServer server;
  private final OptionalLong maxBytesPerSecond;

  /** A backup of this server, as fast as it sends. */
  public BaseBackup(PostgresServer server) {
    this(server, OptionalLong.empty());
  }

  /**
   * A backup of this server.
   *
   * @param maxBytesPerSecond from 32 KiB to 1 GiB
   */
  public BaseBackup(PostgresServer server, OptionalLong maxBytesPerSecond) {
    this.server = server;
    this.maxBytesPerSecond = maxBytesPerSecond;
  }

  /**
   * Runs it. The bytes and files that arrive are told to {@code progress}; the consumer need not do
   * that again. Returns only if the server said that the backup is complete; whether every file
   * arrived as it was sent is then for {@link BackupManifest} to say.
   *
   * @param label what the server's {@code backup_label} and log call this backup
   * @throws io.lifeboat.error.LifeboatException whatever {@link ReplicationConnection#open} throws;
   *     {@code WAL_LEVEL_TOO_LOW}; {@code BASE_BACKUP_FAILED} for a server or connection that ends
   *     in the middle; {@code CANCELLED}; and what the consumer throws
   */
  public BaseBackupResult run(String label, BaseBackupConsumer consumer, Progress progress) {
    return run(label, Optional.empty(), consumer, progress);
  }

  /**
   * The same, against a parent: of a file that the parent has too, only blocks come that changed
   * since. If the server cannot do that, a full backup is taken, and an event says why; the
   * consumer hears of the one that is taken alone.
   *
   * @param parent for servers from PostgreSQL 17 on
   */
  public BaseBackupResult run(
      String label, Optional<BackupParent> parent, BaseBackupConsumer consumer, Progress progress) {
    SourceCheck.requireReady(server);
    Layout layout = layout();
    return parent
        .flatMap(against -> attempt(label, Optional.of(against), layout, consumer, progress))
        .or(() -> attempt(label, Optional.empty(), layout, consumer, progress))
        .orElseThrow();
  }

  /** Empty if it should have been an incremental backup, and cannot be one. */
  private Optional<BaseBackupResult> attempt(
      String label,
      Optional<BackupParent> parent,
      Layout layout,
      BaseBackupConsumer consumer,
      Progress progress) {
    try (var connection = ReplicationConnection.open(server.address(), progress)) {
      progress.phase("checkpoint");
      connection.holdWal();
      return begin(connection, label, parent, progress)
          .map(announced -> receive(connection, announced, parent, layout, consumer, progress));
    }
  }

  /**
   * What the server says before it sends.
   *
   * @param parts the tablespaces with their sizes
   */
  private record Announced(Lsn startLsn, List<List<String>> parts) {
    long bytes() {
      return parts.stream().mapToLong(BaseBackup::estimatedBytes).sum();
    }
  }

  /** Empty if the server does not do it against this parent. */
  private Optional<Announced> begin(
      ReplicationConnection connection,
      String label,
      Optional<BackupParent> parent,
      Progress progress) {
    var refusals = new ArrayList<ServerError>();
    Predicate<ServerError> refused =
        error ->
            parent.isPresent()
                && refusals.isEmpty()
                && error.mayConcernTheParent()
                && refusals.add(error);
    parent.ifPresent(against -> connection.uploadManifest(against.manifest(), refused));
    Optional<List<List<String>>> start = Optional.empty();
    if (refusals.isEmpty()) {
      connection.start("BASE_BACKUP", command(label, parent.isPresent()));
      start = connection.readTableOr(refused);
    }
    refusals.forEach(refusal ->
        progress.event(
            "A full backup is taken, as the server takes no incremental one against snapshot "
                + parent.map(BackupParent::snapshot).orElseThrow()
                + ": "
                + refusal.sentence()));
    return start.map(
        rows -> new Announced(Lsn.parse(rows.getFirst().get(0)), connection.readTable()));
  }

  private BaseBackupResult receive(
      ReplicationConnection connection,
      Announced announced,
      Optional<BackupParent> parent,
      Layout layout,
      BaseBackupConsumer consumer,
      Progress progress) {
    List<Tablespace> tablespaces = tablespaces(announced.parts());
    progress.phase("read");
    if (parent.isEmpty()) {
      // The server announces the size of a full backup, whatever it will send.
      progress.expect(announced.bytes());
    }
    ServerMessages messages = connection.messages();
    messages.expect('H');
    messages.rest();
    var pages = new PageWatch(layout.checked(), new PageSuspects(announced.startLsn()));
    Optional<IncrementalDelivery> incremental =
        parent.map(against -> new IncrementalDelivery(layout.pages(), pages));
    var delivery = new Delivery(tablespaces, consumer, pages, incremental, progress);
    byte[] manifest = receive(new BackupStream(messages), delivery);
    delivery.finish();
    List<String> stop = connection.readTable().getFirst();
    Lsn stopLsn = Lsn.parse(stop.get(0));
    // The server sends everything, and says last of all that it found damage on the way.
    boolean foundDamage = connection.finishOr(DATA_CORRUPTED);
    return new BaseBackupResult(
        announced.startLsn(),
        stopLsn,
        Integer.parseInt(stop.get(1)),
        tablespaces,
        manifest,
        pages.suspects().judge(stopLsn, foundDamage).map(this::named),
        incremental.map(came -> came.against(parent.orElseThrow().snapshot())));
  }

  /** Where what arrives goes. */
  private record Delivery(
      List<Tablespace> tablespaces,
      BaseBackupConsumer consumer,
      PageWatch pages,
      Optional<IncrementalDelivery> incremental,
      Progress progress) {
    TarCutter cutter(BackupStream.Part.Archive archive) {
      return new TarCutter(
          oidOf(archive, tablespaces), archive.name(), consumer, pages, incremental, progress);
    }

    void finish() {
      if (incremental.isPresent()) {
        try {
          incremental.get().finish(consumer);
        } catch (IOException e) {
          throw TarCutter.notKept("the visibility maps", e);
        }
      }
    }
  }

  /**
   * How the server cuts relations.
   *
   * @param haveChecksums whether it gives their pages checksums
   */
  private record Layout(PageLayout pages, boolean haveChecksums) {
    Optional<PageLayout> checked() {
      return haveChecksums ? Optional.of(pages) : Optional.empty();
    }
  }

  private Layout layout() {
    String settings =
        "SELECT current_setting('data_checksums'), current_setting('block_size'),"
            + " (SELECT setting FROM pg_settings WHERE name = 'segment_size')";
    List<String> row =
        server.sql(connection -> PostgresServer.rows(connection, settings)).getFirst();
    return new Layout(
        new PageLayout(Integer.parseInt(row.get(1)), Long.parseLong(row.get(2))),
        row.get(0).equals("on"));
  }

  private PageDamage named(PageSuspects.Verdict verdict) {
    return new PageDamage(verdict.pages(), new RelationNames(server).name(verdict.some()));
  }

  private String command(String label, boolean incremental) {
    // WAIT false: the backup carries its WAL itself, so that a broken archive_command of the
    // server must not hold it up. VERIFY_CHECKSUMS is on by default.
    return "BASE_BACKUP (LABEL '"
        + label.replace("'", "''")
        + "', CHECKPOINT 'fast', WAL true, WAIT false, PROGRESS true, TABLESPACE_MAP true,"
        + " MANIFEST 'yes', MANIFEST_CHECKSUMS 'SHA256'"
        + (incremental ? ", INCREMENTAL true" : "")
        + (maxBytesPerSecond.isPresent() ? ", MAX_RATE " + maxBytesPerSecond.getAsLong() / KIB : "")
        + ")";
  }

  private static byte[] receive(BackupStream stream, Delivery delivery) {
    Optional<byte[]> manifest = Optional.empty();
    int archives = 0;
    while (true) {
      switch (stream.next()) {
        case BackupStream.Part.Archive archive -> {
          delivery.cutter(archive).cut(stream.content());
          archives++;
        }
        case BackupStream.Part.Manifest _ -> manifest = Optional.of(readAll(stream.content()));
        case BackupStream.Part.End _ -> {
          if (archives != delivery.tablespaces().size() + 1) {
            throw failed(
                archives
                    + " archives arrived where "
                    + (delivery.tablespaces().size() + 1)
                    + " belong");
          }
          return manifest.orElseThrow(() -> failed("no manifest arrived"));
        }
      }
    }
  }

  private static byte[] readAll(BackupStream.PartContent content) {
    var bytes = new ByteArrayOutputStream();
    try {
      content.transferTo(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("Neither side of this does I/O that fails this way", e);
    }
    return bytes.toByteArray();
  }

  private static Optional<Long> oidOf(
      BackupStream.Part.Archive archive, List<Tablespace> tablespaces) {
    if (archive.name().equals("base.tar")) {
      return Optional.empty();
    }
    return Optional.of(
        tablespaces.stream()
            .filter(tablespace -> archive.name().equals(tablespace.oid() + ".tar"))
            .findFirst()
            .orElseThrow(() -> failed("an archive came that was not announced: " + archive))
            .oid());
  }

  /** The rows are {@code oid, location, size in KiB}; the data directory's has no oid. */
  private List<Tablespace> tablespaces(List<List<String>> rows) {
    var tablespaces = new ArrayList<Tablespace>();
    for (List<String> row : rows) {
      if (row.get(0).isEmpty()) {
        continue;
      }
      if (!row.get(1).startsWith("/")) {
        throw new PermanentException(
            ErrorCode.BASE_BACKUP_FAILED,
            "Tablespace "
                + row.get(0)
                + " of "
                + server.address().place()
                + " lies at '"
                + row.get(1)
                + "', which is not an absolute Unix path",
            "Move its tables to a tablespace with a path of its own; in-place tablespaces and"
                + " servers on Windows cannot be backed up.");
      }
      tablespaces.add(new Tablespace(Long.parseLong(row.get(0)), row.get(1)));
    }
    return tablespaces;
  }

  private static long estimatedBytes(List<String> row) {
    return row.get(2).isEmpty() ? 0 : Long.parseLong(row.get(2)) * KIB;
  }

  static PermanentException failed(String what) {
    return new PermanentException(
        ErrorCode.BASE_BACKUP_FAILED,
        "The base backup is not what the protocol promises: " + what,
        "Nothing was kept of this backup. Tell Lifeboat's maintainers the server's exact version.");
  }
}
