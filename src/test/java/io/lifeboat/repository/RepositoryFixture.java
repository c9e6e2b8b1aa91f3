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
    return Repository.open(
        store, keyring, new RepositoryEnvironment(random, Clock.systemUTC(), spool, 1));
  }

  public static SnapshotOrder order(String id) {
    return new SnapshotOrder(
        id, "docs", "files", "docs-nightly", Instant.parse("2026-01-31T02:00:00Z"));
  }
}
