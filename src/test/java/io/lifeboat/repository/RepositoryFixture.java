package io.lifeboat.repository;

import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.crypto.ServiceKey;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.StoreProbe;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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
    return open(store, new Keyring(Optional.of(service), Optional.empty()));
  }

  /** As somebody sees it who has nothing but the kit. */
  public Repository reader() {
    return open(store, new Keyring(Optional.empty(), Optional.of(kit)));
  }

  /** As somebody sees it who has all keys at hand. */
  public Repository both() {
    return open(store, new Keyring(Optional.of(service), Optional.of(kit)));
  }

  /** The same repository in another store. */
  public Repository writer(ObjectStore other) {
    return open(other, new Keyring(Optional.of(service), Optional.empty()));
  }

  /** The same repository in another store, with nothing but the kit. */
  public Repository reader(ObjectStore other) {
    return open(other, new Keyring(Optional.empty(), Optional.of(kit)));
  }

  /** With nothing but the kit, at another time. */
  public Repository reader(ObjectStore other, Clock clock) {
    return Repository.open(
        other,
        new Keyring(Optional.empty(), Optional.of(kit)),
        new RepositoryEnvironment(random, clock, spool, 1));
  }

  /** The same repository and keys where nothing of it was seen before. */
  public RepositoryFixture onAnotherMachine(Path otherSpool) {
    return new RepositoryFixture(store, otherSpool, id, kit, service);
  }

  private Repository open(ObjectStore place, Keyring keyring) {
    return Repository.open(
        place, keyring, new RepositoryEnvironment(random, Clock.systemUTC(), spool, 1));
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

  /** The same repository and keys, with something between it and its users. */
  RepositoryFixture through(ObjectStore between) {
    return new RepositoryFixture(between, spool, id, kit, service);
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
