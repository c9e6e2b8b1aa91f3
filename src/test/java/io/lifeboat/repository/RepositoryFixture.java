package io.lifeboat.repository;

import io.lifeboat.crypto.AgeFiles;
import io.lifeboat.crypto.DomainKey;
import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.crypto.ServiceKey;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.StoreProbe;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A fresh repository in a store, with all of its keys. */
public final class RepositoryFixture {
  private final SecureRandom random = new SecureRandom();
  private final ObjectStore store;
  private final Path spool;
  private final RepositoryId id;
  private final RecoveryKit kit;
  private final ServiceKey service;

  private RepositoryFixture(ObjectStore store, Path spool) {
    this.store = store;
    this.spool = spool;
    this.id = RepositoryId.random(random);
    this.kit =
        RecoveryKit.generate(
            random,
            List.of(new RecoveryKit.KnownRepository(id.toString(), "folder:/backup")),
            LocalDate.of(2026, 1, 31));
    this.service = ServiceKey.generate(random, kit);
  }

  private RepositoryFixture(RepositoryFixture same, ObjectStore store) {
    this.store = store;
    this.spool = same.spool;
    this.id = same.id;
    this.kit = same.kit;
    this.service = same.service;
  }

  public static RepositoryFixture create(ObjectStore store, Path spool) {
    var fixture = new RepositoryFixture(store, spool);
    var creation = new RepositoryCreation(store, new StoreProbe(fixture.random), Clock.systemUTC());
    creation.check();
    creation.create(fixture.id, fixture.kit, fixture.service, "test");
    return fixture;
  }

  public RecoveryKit kit() {
    return kit;
  }

  public ServiceKey service() {
    return service;
  }

  /** As a backup node sees it: no recovery identity. */
  public Repository writer() {
    return open(new Keyring(Optional.of(service), Optional.empty()));
  }

  /** The same, through something in front of the store. */
  public Repository writer(ObjectStore through) {
    return through(through).writer();
  }

  /** As a backup node that makes packs of other sizes. */
  public Repository writer(PackSizes sizes) {
    return open(new Keyring(Optional.of(service), Optional.empty()), sizes);
  }

  /** As somebody sees it who has nothing but the kit. */
  public Repository reader() {
    return open(new Keyring(Optional.empty(), Optional.of(kit)));
  }

  /** As somebody sees it who has nothing but this kit. */
  public Repository reader(RecoveryKit other) {
    return open(new Keyring(Optional.empty(), Optional.of(other)));
  }

  /** As the node sees it that has this key. */
  public Repository node(ServiceKey other) {
    return open(new Keyring(Optional.of(other), Optional.empty()));
  }

  /** The same repository through another store: one with faults, say. */
  public RepositoryFixture through(ObjectStore other) {
    return new RepositoryFixture(this, other);
  }

  private Repository open(Keyring keyring) {
    return open(keyring, PackSizes.USUAL);
  }

  private Repository open(Keyring keyring, PackSizes sizes) {
    return Repository.open(
        store, keyring, new RepositoryEnvironment(random, Clock.systemUTC(), spool, 1, sizes));
  }

  /** The index segments of the source that {@link #order} names. */
  IndexSegments segments() {
    DomainKey domain = service.domainKey(id.toString(), order("any").source());
    return new IndexSegments(
        store, new MessageSealer(random), Domains.id(domain), domain.indexKey());
  }

  /** What the footers of all packs in the store list, read with the kit. */
  Map<PackRef, List<PackEntry>> footers() {
    var keyring = new Keyring(Optional.empty(), Optional.of(kit));
    var sealer = new MessageSealer(random);
    var context =
        new RepositoryContext(
            store,
            FormatDocument.parse(store.get(Names.FORMAT), keyring.admin()),
            Hashes.sha256Hex(store.get(Names.FORMAT)),
            new CommitLog(store, keyring.admin(), Clock.systemUTC()),
            keyring,
            sealer,
            new ChunkSealer(sealer, 1),
            new AgeFiles(random),
            random,
            Clock.systemUTC(),
            spool,
            PackSizes.USUAL);
    var reader = new PackIndexReader(context);
    var footers = new HashMap<PackRef, List<PackEntry>>();
    try (Stream<ObjectInfo> packs = store.list(Names.PACKS)) {
      packs.forEach(object -> {
        String[] parts = object.name().split("/");
        PackKind kind = parts[1].equals("d") ? PackKind.DATA : PackKind.METADATA;
        var ref = new PackRef(PackId.parse(parts[3], object.name()), kind, object.sizeBytes());
        footers.put(ref, reader.open(ref).entries());
      });
    }
    return footers;
  }

  /** A snapshot's entry in the log. */
  LogRecord.Snapshot entry(String snapshot) {
    return new CommitLog(store, service.admin(), Clock.systemUTC())
        .read()
        .all(LogRecord.Snapshot.class)
        .filter(entry -> entry.snapshot().equals(snapshot))
        .findFirst()
        .orElseThrow();
  }

  /** The names of all packs that snapshots need. */
  Set<String> neededPacks() {
    var context = reader().context();
    CommitLog.View view = context.log().read();
    var live = new Liveness(context);
    live.add(
        view.all(LogRecord.Snapshot.class).filter(PackFates.of(view)::isLive).toList(),
        Relocations.of(view));
    return live.packs().stream().map(PackRef::objectName).collect(Collectors.toSet());
  }

  public static SnapshotOrder order(String id) {
    return new SnapshotOrder(
        id, "docs", "files", "docs-nightly", Instant.parse("2026-01-31T02:00:00Z"));
  }
}
