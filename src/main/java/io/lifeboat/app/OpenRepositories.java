package io.lifeboat.app;

import io.lifeboat.config.Settings;
import io.lifeboat.config.StoreConfig;
import io.lifeboat.crypto.KeyFiles;
import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.crypto.ServiceKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Keyring;
import io.lifeboat.repository.Repository;
import io.lifeboat.repository.RepositoryEnvironment;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.folder.FolderStore;
import io.lifeboat.store.s3.S3Settings;
import io.lifeboat.store.s3.S3Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The configured repositories, opened when they are first needed. Thread-safe. */
final class OpenRepositories implements AutoCloseable {
  private static final int COMPRESSION_LEVEL = 1;

  private final Map<String, StoreConfig> configured = new TreeMap<>();
  private final Keys keys;
  private final RepositoryEnvironment environment;
  private final Map<String, ObjectStore> stores = new TreeMap<>();
  private final Map<String, Repository> open = new TreeMap<>();

  /** Where the keys of all repositories are. */
  record Keys(Optional<Path> service, Optional<Path> recovery) {
    static Keys of(Settings settings) {
      return new Keys(
          Optional.of(settings.keys().service()).filter(Files::exists), settings.keys().recovery());
    }

    Keyring read() {
      Optional<ServiceKey> serviceKey = service.map(file -> KeyFiles.readServiceKey(file).value());
      Optional<RecoveryKit> kit =
          recovery.filter(Files::exists).map(file -> KeyFiles.readRecoveryKit(file).value());
      return new Keyring(serviceKey, kit);
    }
  }

  OpenRepositories(
      Map<String, StoreConfig> configured,
      Keys keys,
      Path workFolder,
      SecureRandom random,
      Clock clock) {
    this.configured.putAll(configured);
    this.keys = keys;
    this.environment =
        new RepositoryEnvironment(random, clock, workFolder.resolve("spool"), COMPRESSION_LEVEL);
  }

  /** Their names. */
  synchronized Iterable<String> names() {
    return java.util.List.copyOf(configured.keySet());
  }

  /** The store of a repository. */
  synchronized ObjectStore store(String name) {
    StoreConfig config = configured.get(name);
    if (config == null) {
      throw new PermanentException(
          ErrorCode.CONFIG_INVALID,
          "There is no repository called '" + name + "'",
          "The configuration names these: " + String.join(", ", configured.keySet()));
    }
    return stores.computeIfAbsent(name, n -> open(config));
  }

  static ObjectStore open(StoreConfig config) {
    return switch (config) {
      case StoreConfig.Folder folder -> new FolderStore(folder.path());
      case StoreConfig.S3 s3 -> new S3Store(S3Settings.of(s3));
    };
  }

  /** A repository, opened. */
  synchronized Repository get(String name) {
    Repository known = open.get(name);
    if (known == null) {
      known = Repository.open(store(name), keys.read(), environment);
      open.put(name, known);
    }
    return known;
  }

  @Override
  public synchronized void close() {
    stores.values().forEach(ObjectStore::close);
    stores.clear();
    open.clear();
  }
}
