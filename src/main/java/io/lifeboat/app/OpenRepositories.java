package io.lifeboat.app;

import io.lifeboat.config.StoreConfig;
import io.lifeboat.crypto.KeyFiles;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Keyring;
import io.lifeboat.repository.Repository;
import io.lifeboat.repository.RepositoryEnvironment;
import io.lifeboat.store.ObjectRetention;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.StoreProbe;
import io.lifeboat.store.folder.FolderStore;
import io.lifeboat.store.s3.S3Settings;
import io.lifeboat.store.s3.S3Store;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The repositories of an installation, opened when they are first needed. Thread-safe. */
final class OpenRepositories implements AutoCloseable {
  /** Compression bounds a backup, not sealing; judge another level by {@code scripts/bench}. */
  private static final int COMPRESSION_LEVEL = 1;

  private final Installation installation;
  private final RepositoryEnvironment environment;
  private final Map<String, ObjectStore> stores = new TreeMap<>();
  private final Map<String, Repository> open = new TreeMap<>();
  private Optional<Keyring> keyring = Optional.empty();
  private final Set<String> safe = new TreeSet<>();

  OpenRepositories(Installation installation, SecureRandom random, Clock clock) {
    this.installation = installation;
    this.environment =
        new RepositoryEnvironment(
            random, clock, installation.workFolder().resolve("spool"), COMPRESSION_LEVEL);
  }

  /** Their names. */
  Set<String> names() {
    return installation.repositories().keySet();
  }

  /** The store of a repository. */
  synchronized ObjectStore store(String name) {
    StoreConfig config = installation.repositories().get(name);
    if (config == null) {
      throw new PermanentException(
          ErrorCode.CONFIG_INVALID,
          "There is no repository called '" + name + "'",
          "The configuration names these: " + String.join(", ", names()));
    }
    return stores.computeIfAbsent(name, n -> open(config, environment.clock()));
  }

  static ObjectStore open(StoreConfig config, Clock clock) {
    return switch (config) {
      case StoreConfig.Folder folder -> new FolderStore(folder.path());
      case StoreConfig.S3 s3 -> new S3Store(S3Settings.of(s3), clock);
    };
  }

  /** The locks of a repository's objects, if its configuration sets any. */
  Optional<ObjectRetention> retention(String name) {
    return store(name) instanceof S3Store s3 ? s3.retention() : Optional.empty();
  }

  /** A repository, opened. */
  synchronized Repository get(String name) {
    Repository known = open.get(name);
    if (known == null) {
      known = Repository.open(store(name), keyring(), environment);
      open.put(name, known);
    }
    return known;
  }

  /**
   * A repository, opened, whose store was found to honour conditional puts since this process
   * started.
   *
   * @throws PermanentException with code {@code STORE_UNSAFE} if it does not
   */
  synchronized Repository getForWriting(String name) {
    Repository repository = get(name);
    if (!safe.contains(name)) {
      repository.requireSafeStore(new StoreProbe(environment.random()));
      safe.add(name);
    }
    return repository;
  }

  /** The keys that are there; a passphrase is asked for once. */
  synchronized Keyring keyring() {
    if (keyring.isEmpty()) {
      keyring = Optional.of(readKeys());
    }
    return keyring.get();
  }

  private Keyring readKeys() {
    return new Keyring(
        installation.keys().presentService().map(file -> KeyFiles.readServiceKey(file).value()),
        installation
            .keys()
            .recovery()
            .filter(file -> installation.keys().service().isEmpty() || Files.exists(file))
            .map(file -> KeyFiles.readRecoveryKit(file, installation.passphrases()).value()));
  }

  @Override
  public synchronized void close() {
    stores.values().forEach(ObjectStore::close);
    stores.clear();
    open.clear();
  }
}
