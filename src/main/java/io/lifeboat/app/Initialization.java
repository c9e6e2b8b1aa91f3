package io.lifeboat.app;

import io.lifeboat.config.Settings;
import io.lifeboat.config.StoreConfig;
import io.lifeboat.crypto.KeyFiles;
import io.lifeboat.crypto.PassphraseSource;
import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.crypto.ServiceKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.RepositoryCreation;
import io.lifeboat.repository.RepositoryId;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.StoreProbe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes keys and repositories. Everything that can refuse is asked first, then the key files are
 * written, then the repositories: a failure before the first repository is made leaves nothing.
 *
 * <p>Where the key files are there already, repositories that are missing are made with them; that
 * needs the kit.
 */
final class Initialization {
  private final Settings settings;
  private final SecureRandom random;
  private final Clock clock;
  private final PassphraseSource passphrases;

  Initialization(
      Settings settings, SecureRandom random, Clock clock, PassphraseSource passphrases) {
    this.settings = settings;
    this.random = random;
    this.clock = clock;
    this.passphrases = passphrases;
  }

  /** What was made: names and ids of repositories, and where the keys are. */
  record Result(Map<String, String> repositories, Path serviceKey, Path kit) {}

  /** A repository to be made. */
  private record Planned(
      String name,
      RepositoryId id,
      StoreConfig config,
      ObjectStore store,
      RepositoryCreation creation) {}

  Result run() {
    Path serviceFile = settings.keys().service();
    Path kitFile =
        settings.keys().recovery().orElseGet(() -> serviceFile.resolveSibling("recovery-kit.txt"));
    List<Planned> planned = plan();
    try {
      planned.forEach(repository -> repository.creation().check());
      boolean newKeys = !Files.exists(serviceFile) && !Files.exists(kitFile);
      RecoveryKit kit =
          newKeys ? newKit(planned) : KeyFiles.readRecoveryKit(kitFile, passphrases).value();
      ServiceKey service =
          newKeys ? ServiceKey.generate(random, kit) : KeyFiles.readServiceKey(serviceFile).value();
      if (newKeys) {
        write(serviceFile, service, kitFile, kit);
      }
      Map<String, String> made =
          create(planned, kit, service, newKeys ? List.of(serviceFile, kitFile) : List.of());
      return new Result(made, serviceFile, kitFile);
    } finally {
      planned.forEach(repository -> repository.store().close());
    }
  }

  private List<Planned> plan() {
    List<Planned> planned = new ArrayList<>();
    int existing = 0;
    for (var entry : new TreeMap<>(settings.repositories()).entrySet()) {
      StoreConfig config = entry.getValue().store();
      ObjectStore store = OpenRepositories.open(config, clock);
      if (RepositoryCreation.isThere(store)) {
        existing++;
        store.close();
      } else {
        var creation = new RepositoryCreation(store, new StoreProbe(random), clock);
        planned.add(
            new Planned(entry.getKey(), RepositoryId.random(random), config, store, creation));
      }
    }
    if (planned.isEmpty()) {
      throw new PermanentException(
          existing == 0 ? ErrorCode.CONFIG_INVALID : ErrorCode.REPOSITORY_EXISTS,
          existing == 0
              ? "The configuration names no repository"
              : "All " + existing + " configured repositories exist already; nothing was changed",
          existing == 0
              ? "Add one below `repositories`."
              : "Go on with `lifeboat check`, or configure another prefix or folder for a new"
                  + " one.");
    }
    return planned;
  }

  private RecoveryKit newKit(List<Planned> planned) {
    List<RecoveryKit.KnownRepository> known =
        planned.stream()
            .map(repository ->
                new RecoveryKit.KnownRepository(
                    repository.id().toString(), address(repository.config())))
            .toList();
    return RecoveryKit.generate(random, known, LocalDate.now(clock));
  }

  /** As {@code --store} takes it. */
  private static String address(StoreConfig config) {
    return switch (config) {
      case StoreConfig.Folder folder -> "folder:" + folder.path().toAbsolutePath().normalize();
      case StoreConfig.S3 s3 ->
          "s3:"
              + s3.endpoint().map(Object::toString).orElse("https://s3.amazonaws.com")
              + "/"
              + s3.bucket()
              + s3.prefix().map(prefix -> "/" + prefix).orElse("");
    };
  }

  private static void write(Path serviceFile, ServiceKey service, Path kitFile, RecoveryKit kit) {
    KeyFiles.write(kitFile, kit.fileText());
    try {
      KeyFiles.write(serviceFile, service.fileText());
    } catch (LifeboatException e) {
      remove(List.of(kitFile), e);
      throw e;
    }
  }

  private static Map<String, String> create(
      List<Planned> planned, RecoveryKit kit, ServiceKey service, List<Path> newFiles) {
    Map<String, String> made = new LinkedHashMap<>();
    for (Planned repository : planned) {
      try {
        RepositoryId id = repository.creation().create(repository.id(), kit, service, hostName());
        made.put(repository.name(), id.toString());
      } catch (LifeboatException e) {
        if (made.isEmpty() && !RepositoryCreation.isBegun(repository.store())) {
          // These keys protect nothing yet: without them the next init starts afresh.
          remove(newFiles, e);
        }
        throw e;
      }
    }
    return made;
  }

  private static void remove(List<Path> files, LifeboatException because) {
    for (Path file : files) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        because.addSuppressed(e);
      }
    }
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
