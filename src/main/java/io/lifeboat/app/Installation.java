package io.lifeboat.app;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.Settings;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.config.StoreConfig;
import io.lifeboat.crypto.PassphraseSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a command or the service works with: from a configuration, or from a store and a recovery
 * kit alone.
 *
 * @param workFolder for packs on their way, caches and scratch
 * @param walPush where WAL is handed over; empty without a configuration
 * @param passphrases asked for a recovery kit that is protected by one
 */
record Installation(
    Map<String, Settings.Repository> repositories,
    KeyPaths keys,
    Path workFolder,
    Optional<Settings.WalPush> walPush,
    Map<String, SourceConfig> sources,
    Map<String, PlanConfig> plans,
    PassphraseSource passphrases) {
  /** What a store is called that the command line named. */
  static final String GIVEN = "given";

  /**
   * Where the keys are.
   *
   * @param service absent where there is only a kit
   */
  record KeyPaths(Optional<Path> service, Optional<Path> recovery) {
    /** The service key's path, if there is such a file. */
    Optional<Path> presentService() {
      return service.filter(Files::exists);
    }
  }

  Installation {
    repositories = new TreeMap<>(repositories);
    sources = Map.copyOf(sources);
    plans = Map.copyOf(plans);
  }

  /**
   * As a service has it: nobody sits at its terminal, so a passphrase comes from its environment.
   */
  static Installation of(Settings settings) {
    return of(settings, new ConsolePassphrase(System.getenv()));
  }

  static Installation of(Settings settings, PassphraseSource passphrases) {
    return new Installation(
        settings.repositories(),
        new KeyPaths(Optional.of(settings.keys().service()), settings.keys().recovery()),
        settings.workFolder(),
        Optional.of(settings.walPush()),
        settings.sources(),
        settings.plans(),
        passphrases);
  }

  /** The disaster path: nothing of ours but a bucket and a kit. */
  static Installation of(
      StoreConfig store, Path kit, Path workFolder, PassphraseSource passphrases) {
    return new Installation(
        Map.of(GIVEN, new Settings.Repository(store, Optional.empty(), Optional.empty())),
        new KeyPaths(Optional.empty(), Optional.of(kit)),
        workFolder,
        Optional.empty(),
        Map.of(),
        Map.of(),
        passphrases);
  }

  /** Where each repository lies. */
  Map<String, StoreConfig> stores() {
    Map<String, StoreConfig> stores = new TreeMap<>();
    repositories.forEach((name, repository) -> stores.put(name, repository.store()));
    return stores;
  }

  /** Where nothing else may be written: what holds backups, keys, and what Lifeboat works with. */
  List<Path> ownPlaces() {
    List<Path> places = new ArrayList<>(List.of(workFolder));
    keys.service().ifPresent(places::add);
    keys.recovery().ifPresent(places::add);
    for (StoreConfig store : stores().values()) {
      if (store instanceof StoreConfig.Folder folder) {
        places.add(folder.path());
      }
    }
    return places;
  }

  /** The same with other keys. */
  Installation with(KeyPaths others) {
    return new Installation(repositories, others, workFolder, walPush, sources, plans, passphrases);
  }
}
