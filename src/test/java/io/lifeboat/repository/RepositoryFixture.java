package io.lifeboat.repository;

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

  private RepositoryFixture(
      ObjectStore store, Path spool, RepositoryId id, RecoveryKit kit, ServiceKey service) {
    this.store = store;
    this.spool = spool;
    this.id = id;
    this.kit = kit;
    this.service = service;
  }

  public static RepositoryFixture create(ObjectStore store, Path spool) {
    var random = new SecureRandom();
    RepositoryId id = RepositoryId.random(random);
    RecoveryKit kit =
        RecoveryKit.generate(
            random,
            List.of(new RecoveryKit.KnownRepository(id.toString(), "folder:/backup")),
            LocalDate.of(2026, 1, 31));
    var fixture = new RepositoryFixture(store, spool, id, kit, ServiceKey.generate(random, kit));
    var creation = new RepositoryCreation(store, new StoreProbe(random), Clock.systemUTC());
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

  /** The same repository and keys through another store: one with faults, say, or a copy. */
  public RepositoryFixture through(ObjectStore other) {
    return new RepositoryFixture(other, spool, id, kit, service);
  }

  /** The same repository and keys where nothing of it was seen before. */
  public RepositoryFixture onAnotherMachine(Path otherSpool) {
    return new RepositoryFixture(store, otherSpool, id, kit, service);
  }

  /** As a backup node sees it: no recovery identity. */
  public Repository writer() {
    return node(service);
  }

  /** As a backup node that makes packs of other sizes. */
  public Repository writer(PackSizes sizes) {
    return open(new Keyring(Optional.of(service), Optional.empty()), sizes, Clock.systemUTC());
  }

  /** As a backup node with this clock. */
  public Repository writer(Clock clock) {
    return open(new Keyring(Optional.of(service), Optional.empty()), PackSizes.USUAL, clock);
  }

  /** As the node sees it that has this key. */
  public Repository node(ServiceKey other) {
    return open(new Keyring(Optional.of(other), Optional.empty()));
  }

  /** As somebody sees it who has nothing but the kit. */
  public Repository reader() {
    return reader(kit);
  }

  /** As somebody sees it who has nothing but this kit. */
  public Repository reader(RecoveryKit other) {
    return open(new Keyring(Optional.empty(), Optional.of(other)));
  }

  /** With nothing but the kit, at another time. */
  public Repository reader(Clock clock) {
    return open(new Keyring(Optional.empty(), Optional.of(kit)), PackSizes.USUAL, clock);
  }

  /** As somebody sees it who has all keys at hand. */
  public Repository both() {
    return open(new Keyring(Optional.of(service), Optional.of(kit)));
  }

  /** As somebody sees it who has the kit and the key of this node at hand. */
  Repository both(ServiceKey other) {
    return open(new Keyring(Optional.of(other), Optional.of(kit)));
  }

  /** With all keys, at another time. */
  Repository both(Clock clock) {
    return open(new Keyring(Optional.of(service), Optional.of(kit)), PackSizes.USUAL, clock);
  }

  private Repository open(Keyring keyring) {
    return open(keyring, PackSizes.USUAL, Clock.systemUTC());
  }

  private Repository open(Keyring keyring, PackSizes sizes, Clock clock) {
    return Repository.open(store, keyring, new RepositoryEnvironment(random, clock, spool, sizes));
  }

  /** The domain of the source that {@link #order} names. */
  DomainKey domain() {
    return service.domainKey(id.toString(), order("any").source());
  }

  /** The index segments of the source that {@link #order} names. */
  IndexSegments segments() {
    DomainKey domain = domain();
    return new IndexSegments(
        store, new MessageSealer(random), Domains.id(domain), domain.indexKey());
  }

  /** What the footers of all packs in the store list, read with the kit. */
  Map<PackRef, List<PackEntry>> footers() {
    var reader = new PackIndexReader(reader().context());
    var footers = new HashMap<PackRef, List<PackEntry>>();
    try (Stream<ObjectInfo> packs = store.list(Names.PACKS)) {
      packs.forEach(object -> {
        PackRef pack = PackRef.of(object).orElseThrow();
        footers.put(pack, reader.open(pack).entries());
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
    return order(id, List.of());
  }

  /** The same with tags. */
  static SnapshotOrder order(String id, List<String> tags) {
    return new SnapshotOrder(
        id, "docs", "files", "docs-nightly", Instant.parse("2026-01-31T02:00:00Z"), tags);
  }
}
