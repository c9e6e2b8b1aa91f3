package io.lifeboat.app;

import io.lifeboat.config.StoreConfig;
import io.lifeboat.crypto.KeyFiles;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Keyring;
import io.lifeboat.repository.ProbedStore;
import io.lifeboat.repository.Repository;
import io.lifeboat.repository.RepositoryCopy;
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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The repositories of an installation, opened when they are first needed. Thread-safe. */
final class OpenRepositories implements AutoCloseable {
  /** Compression bounds a backup, not sealing; judge another level by {@code scripts/bench}. */
  private final Installation installation;

  private final RepositoryEnvironment environment;
  private final Map<String, ObjectStore> stores = new TreeMap<>();
  private final Map<String, Opened> open = new TreeMap<>();
  private Optional<Keyring> keyring = Optional.empty();

  OpenRepositories(Installation installation, SecureRandom random, Clock clock) {
    this.installation = installation;
    this.environment =
        new RepositoryEnvironment(random, clock, installation.workFolder().resolve("spool"));
  }

  /** Their names. */
  Set<String> names() {
    return installation.repositories().keySet();
  }

  /**
   * Names of those that show something, those of marked copies last: what is done is done at the
   * original. A first copy that has not ended shows nothing, see {@link #unfinishedCopies}.
   */
  List<String> originalsFirst() {
    List<String> all =
        names().stream().filter(name -> unfinishedCopy(name).isEmpty()).sorted().toList();
    return all.size() == 1
        ? all
        : all.stream().sorted(Comparator.comparing(name -> get(name).isCopy())).toList();
  }

  /** A sentence for each first copy that was not finished: what it is, and how to go on. */
  List<String> unfinishedCopies() {
    return names().stream().flatMap(name -> unfinishedCopy(name).stream()).toList();
  }

  /** The same for one. */
  Optional<String> unfinishedCopy(String name) {
    return RepositoryCopy.unfinished(store(name))
        .map(what ->
            what
                + ". `lifeboat copy --to "
                + (name.equals(Installation.GIVEN) ? "STORE" : name)
                + "` again goes on where it was stopped; until it has ended, use the original");
  }

  /** The store of a repository. */
  synchronized ObjectStore store(String name) {
    StoreConfig config = installation.stores().get(name);
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

  /** A repository and the store that it is written through. */
  private record Opened(Repository repository, ProbedStore store) {}

  /** A repository, opened. */
  Repository get(String name) {
    return opened(name).repository();
  }

  /**
   * A repository, opened. Whether its store honours conditional puts is asked at once, and not
   * waited for: puts wait for the answer.
   */
  Repository getForWriting(String name) {
    Opened opened = opened(name);
    opened.store().ask();
    return opened.repository();
  }

  /**
   * Makes sure that a repository's store was found to honour conditional puts since this process
   * started.
   *
   * @throws PermanentException with code {@code STORE_UNSAFE} if it does not
   */
  void requireSafeStore(String name) {
    opened(name).store().require();
  }

  private synchronized Opened opened(String name) {
    Opened known = open.get(name);
    if (known == null) {
      var store = new ProbedStore(store(name), new StoreProbe(environment.random()));
      known = new Opened(Repository.open(store, keyring(), environment), store);
      open.put(name, known);
    }
    return known;
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
