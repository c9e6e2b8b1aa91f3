package io.lifeboat.repository;

import io.lifeboat.crypto.AgeFiles;
import io.lifeboat.crypto.DomainKey;
import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.crypto.ServiceKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * An open repository. Holds no state but the store's: every call reads the log anew. Thread-safe.
 *
 * <p>What a call can do depends on the keyring: listing needs a service key or a kit, writing a
 * service key, reading contents a kit.
 */
public final class Repository {
  private final RepositoryContext context;
  private final EvidenceLocker evidence;

  private Repository(RepositoryContext context) {
    this.context = context;
    this.evidence = new EvidenceLocker(context);
  }

  /**
   * Opens the repository in a store and checks that it is the one these keys belong to.
   *
   * @throws PermanentException with codes {@code REPOSITORY_MISSING}, {@code OBJECT_MISSING},
   *     {@code KEY_MISMATCH}, {@code REPOSITORY_TOO_NEW}, or the store's own
   */
  public static Repository open(
      ObjectStore store, Keyring keyring, RepositoryEnvironment environment) {
    byte[] formatBytes = format(store);
    FormatDocument format = FormatDocument.parse(formatBytes, keyring.admin());
    var sealer = new MessageSealer(environment.random());
    var tip =
        new RememberedTip(store, environment.spool().resolveSibling("tips"), format.repository());
    var context =
        new RepositoryContext(
            store,
            format,
            Hashes.sha256Hex(formatBytes),
            new CommitLog(store, keyring.admin(), environment.clock(), tip::appended),
            keyring,
            sealer,
            new ChunkSealer(sealer),
            new AgeFiles(environment.random()),
            environment.random(),
            environment.clock(),
            folder(environment.spool()),
            environment.packSizes(),
            tip);
    var repository = new Repository(context);
    keyring.service().ifPresent(repository::requireMadeFor);
    return repository;
  }

  /** What `format` alone does not tell is in the log, which is not read without need. */
  private void requireMadeFor(ServiceKey service) {
    if (!RecipientHistory.fits(context.format().sessionRecipients(), service)) {
      RecipientHistory.of(context.format(), log()).requireMadeFor(service);
    }
  }

  private static byte[] format(ObjectStore store) {
    try {
      return store.get(Names.FORMAT, ObjectLimits.SIGNED_BYTES);
    } catch (PermanentException e) {
      throw e.code() == ErrorCode.OBJECT_MISSING ? missing(store) : e;
    }
  }

  private static PermanentException missing(ObjectStore store) {
    Optional<String> unfinished = RepositoryCopy.unfinished(store);
    if (unfinished.isPresent()) {
      return new PermanentException(
          ErrorCode.REPOSITORY_MISSING, unfinished.get(), Hints.FINISH_COPY);
    }
    return store.head(Names.log(0)).isPresent()
        ? new PermanentException(
            ErrorCode.OBJECT_MISSING,
            "The object format is missing from the repository at " + store.describe(),
            "Put it back from a copy of the store: nothing is read without it.")
        : new PermanentException(
            ErrorCode.REPOSITORY_MISSING,
            "There is no repository at " + store.describe() + ": it has no object format",
            "Check bucket and prefix, or make one with `lifeboat init`.");
  }

  private static Path folder(Path path) {
    try {
      return Files.createDirectories(path);
    } catch (IOException e) {
      throw OpenPack.spoolFailed(path, e);
    }
  }

  /** For what looks into a repository from beside it. */
  RepositoryContext context() {
    return context;
  }

  /** The same repository, as it is seen through something that stands before its store. */
  public Repository behind(UnaryOperator<ObjectStore> front) {
    return new Repository(context.in(front.apply(context.store())));
  }

  /** The same repository for whoever holds a recovery identity that nothing was encrypted to. */
  public Repository withForeignIdentity() {
    Keyring own = context.keyring();
    return new Repository(
        context.with(
            new Keyring(
                own.service(),
                own.kit()
                    .map(kit -> kit.another(context.random(), LocalDate.now(context.clock()))))));
  }

  /** Whether an object of this name holds contents of snapshots' files. */
  public static boolean holdsContents(String name) {
    return name.startsWith(Names.PACKS + PackKind.DATA.letter() + "/");
  }

  /** Its id. */
  public RepositoryId id() {
    return context.format().id();
  }

  /**
   * All snapshots whose log entries are sound, newest first, with what drills have proven of them.
   */
  public List<SnapshotInfo> snapshots() {
    return catalog().snapshots();
  }

  /**
   * All snapshots, and what is wrong with the log that they come from.
   *
   * @param held why those are held that are, by their ids
   * @param problems a sentence each; empty if nothing is wrong
   * @param readers fingerprints of those who can read what is stored from now on
   * @param drills all that there were, oldest first; also of snapshots that are gone
   */
  public record Listing(
      List<SnapshotInfo> snapshots,
      Map<String, String> held,
      List<String> problems,
      Set<String> readers,
      List<DrillSummary> drills) {
    /**
     * Why a snapshot may seem not to be there.
     *
     * @return with code {@code LOG_BROKEN}; empty if nothing is wrong
     */
    public Optional<PermanentException> broken(String wanted) {
      return problems.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new PermanentException(
                  ErrorCode.LOG_BROKEN,
                  "There is no "
                      + wanted
                      + " among those whose entries are sound, and the commit log is damaged: "
                      + String.join("; ", problems),
                  Hints.REPAIR_LOG));
    }
  }

  /** All snapshots, holds and problems, of one look at the log. */
  public Listing listing() {
    Catalog catalog = catalog();
    return new Listing(
        catalog.snapshots(),
        catalog.held(),
        catalog.problems(),
        catalog.readers(),
        catalog.drills());
  }

  /**
   * The newest snapshot of those that are wanted.
   *
   * @throws PermanentException with code {@code LOG_BROKEN} if anything is wrong with the log, as
   *     the newest may be what is lost; it names the newest that is not
   */
  public Optional<SnapshotInfo> newest(Predicate<SnapshotInfo> wanted) {
    Catalog catalog = catalog();
    Optional<SnapshotInfo> newest = catalog.snapshots().stream().filter(wanted).findFirst();
    catalog.requireSound(newest);
    return newest;
  }

  /**
   * Makes sure that nothing is wrong with the log, before something is taken for the newest.
   *
   * @throws PermanentException with code {@code LOG_BROKEN}
   */
  public void requireSound() {
    catalog().requireSound(Optional.empty());
  }

  private Catalog catalog() {
    return new Catalog(context, log());
  }

  /**
   * Begins a snapshot; registers the source's domain if this is its first.
   *
   * @throws PermanentException with codes {@code SERVICE_KEY_MISSING}, {@code REPOSITORY_IS_COPY}
   */
  public SnapshotWriter begin(SnapshotOrder order) {
    DomainKey domain =
        context.keyring().requireService().domainKey(id().toString(), order.source());
    var segments =
        new IndexSegments(context.store(), context.sealer(), Domains.id(domain), domain.indexKey());
    segments.listAhead();
    var sound = new SoundEntries();
    CommitLog.View view = log(sound);
    view.requireOriginal();
    view.requireNoGap();
    context.rememberedTip().require(view);
    RecipientHistory history = RecipientHistory.of(context.format(), view);
    history.requireMadeFor(context.keyring().requireService());
    Session.Recipients recipients = history.current();
    register(domain, view, recipients);
    return new PackedSnapshotWriter(context, order, domain, recipients, segments, view, sound);
  }

  /** Whether this is a copy that is marked as one: it is read, and not written to. */
  public boolean isCopy() {
    return context.store().head(Names.COPY_MARK).isPresent();
  }

  /**
   * Makes sure that it may be written to here, before work is done that would be lost.
   *
   * @throws PermanentException with code {@code REPOSITORY_IS_COPY}
   */
  public void requireOriginal() {
    log().requireOriginal();
  }

  /**
   * Opens a snapshot for reading.
   *
   * @throws PermanentException with codes {@code RECOVERY_IDENTITY_MISSING}, {@code
   *     SNAPSHOT_UNKNOWN}, {@code OBJECT_MISSING} or {@code OBJECT_DAMAGED}
   */
  public SnapshotReader read(String snapshot) {
    context.keyring().requireKit();
    CommitLog.View view = log();
    return new PackedSnapshotReader(
        context, entry(view, snapshot), new CurrentLog(view, this::log));
  }

  /**
   * Opens what is left of a snapshot whose packs are missing or damaged; reads all of them first.
   *
   * @param leftOut is told of everything that the reader does not show
   * @throws PermanentException as {@link #read} does, if not even its root is left
   */
  public SnapshotReader readWhatIsLeft(
      String snapshot, Consumer<Affected> leftOut, Progress progress) {
    context.keyring().requireKit();
    progress.phase("inspect");
    CommitLog.View view = log();
    LogRecord.Snapshot entry = entry(view, snapshot);
    var log = new CurrentLog(view, this::log);
    var search = new DamageSearch(context, log);
    List<Affected> affected = search.one(entry, progress);
    var reader = new PackedSnapshotReader(context, entry, log, search.packs());
    affected.forEach(leftOut);
    return new PartialSnapshotReader(reader, search.trees());
  }

  private static LogRecord.Snapshot entry(CommitLog.View view, String snapshot) {
    return view.all(LogRecord.Snapshot.class)
        .filter(candidate -> candidate.snapshot().equals(snapshot))
        .filter(PackFates.of(view)::isLive)
        .findFirst()
        .orElseThrow(() ->
            new PermanentException(
                ErrorCode.SNAPSHOT_UNKNOWN,
                "There is no snapshot " + snapshot,
                "`lifeboat snapshots` lists them."));
  }

  /** Who writes and who reads, and the change of it. */
  public Administration administration() {
    return new Administration(context);
  }

  /**
   * Adds what recipients lack who came after data was stored.
   *
   * @throws PermanentException with code {@code RECOVERY_IDENTITY_MISSING}
   */
  public Rewrap rewrap() {
    context.keyring().requireKit();
    return new Rewrap(context, log());
  }

  /**
   * The write-ahead log of a source's cluster, to be written; registers the source's domain if this
   * is its first.
   *
   * @param systemIdentifier of the cluster, as decimal text
   * @throws PermanentException with codes {@code SERVICE_KEY_MISSING}, {@code REPOSITORY_IS_COPY}
   */
  public WalArchive walOf(String source, String systemIdentifier) {
    DomainKey domain = context.keyring().requireService().domainKey(id().toString(), source);
    CommitLog.View view = log();
    view.requireOriginal();
    RecipientHistory recipients = RecipientHistory.of(context.format(), view);
    recipients.requireMadeFor(context.keyring().requireService());
    register(domain, view, recipients.current());
    return new WalArchive(context, view, WalArchive.cluster(domain, systemIdentifier));
  }

  /**
   * The write-ahead log that goes on where a snapshot ends; empty for one that has none.
   *
   * @throws PermanentException with code {@code SNAPSHOT_UNKNOWN}
   */
  public Optional<WalArchive> walAfter(SnapshotInfo snapshot) {
    return snapshot.wal().map(wal -> new WalArchive(context, log(), wal.cluster()));
  }

  private void register(DomainKey domain, CommitLog.View view, Session.Recipients recipients) {
    if (!new Domains(context, view).contains(domain)) {
      context
          .log()
          .append(
              Domains.record(context.age(), domain, recipients),
              context.keyring().signer(),
              tip -> {});
    }
  }

  /** Where evidence of drills is kept. */
  public EvidenceLocker evidence() {
    return evidence;
  }

  /** Decides what is no longer needed, and removes it. */
  public Maintenance maintenance() {
    return new Maintenance(context);
  }

  /** Checks what is stored. */
  public Verification verification() {
    return new Verification(context);
  }

  /** Mends what can be mended. */
  public Repair repair() {
    return new Repair(context);
  }

  private CommitLog.View log() {
    return log(new SoundEntries());
  }

  private CommitLog.View log(SoundEntries sound) {
    CommitLog.View view = context.log().read(sound);
    Genesis.check(view, context.format(), context.formatSha256());
    return context.rememberedTip().check(view);
  }
}
