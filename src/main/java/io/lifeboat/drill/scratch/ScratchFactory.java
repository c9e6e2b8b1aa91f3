package io.lifeboat.drill.scratch;

import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.PostgresPrograms;
import io.lifeboat.restore.RestoreTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes scratches under one work folder, each recorded before it exists. Thread-safe; drills run
 * side by side, and so do processes that share the work folder.
 */
public final class ScratchFactory implements AutoCloseable {
  private static final String SUPERUSER = "postgres";
  private static final Logger LOG = LoggerFactory.getLogger(ScratchFactory.class);
  private static final Duration DEFAULT_LIFE = Duration.ofHours(24);
  private static final int LONGEST_SOCKET_FOLDER = 80; // of 107 bytes, with the socket's name

  private final Path work;
  private final List<Path> sources;
  private final Function<Path, RestoreTarget> folderTargets;
  private final Clock clock;
  private final Duration life;
  private final Owner owner;
  private final Ledger ledger;
  private final DockerConnection docker = new DockerConnection();
  private final Removal removal;
  private final Thread lastResort = new Thread(this::abandon, "scratch-removal");
  private volatile boolean closing;

  /**
   * Takes a work folder into use.
   *
   * @param work on a local file system; made if it is not there
   * @param folderTargets writes a tree to a folder that is empty or absent
   * @param sources folders that are backed up: no scratch is made in them
   */
  public ScratchFactory(
      Path work, Function<Path, RestoreTarget> folderTargets, Clock clock, List<Path> sources) {
    this(work, folderTargets, clock, sources, DEFAULT_LIFE);
  }

  /** The same where no folder is backed up. */
  public ScratchFactory(Path work, Function<Path, RestoreTarget> folderTargets, Clock clock) {
    this(work, folderTargets, clock, List.of());
  }

  /**
   * The same.
   *
   * @param life after which a scratch counts as left behind even if its owner lives
   */
  ScratchFactory(
      Path work,
      Function<Path, RestoreTarget> folderTargets,
      Clock clock,
      List<Path> sources,
      Duration life) {
    this.work = work.toAbsolutePath().normalize();
    this.sources = List.copyOf(sources);
    this.folderTargets = folderTargets;
    this.clock = clock;
    this.life = life;
    try {
      Files.createDirectories(this.work);
    } catch (IOException e) {
      throw unavailable(this.work, e);
    }
    this.ledger = new Ledger(this.work.resolve("ledger"));
    this.owner = Owner.enter(this.work.resolve("owners"));
    this.removal = new Removal(ledger, docker);
    Runtime.getRuntime().addShutdownHook(lastResort);
  }

  /**
   * Whether this process is ending and takes its scratches away from drills that still run: what
   * those see from then on says nothing about a backup.
   */
  public boolean isClosing() {
    return closing;
  }

  /** A process that is told to end does not leave its scratches to the next one's janitor. */
  private void abandon() {
    closing = true;
    for (LedgerEntry entry : ledger.entries()) {
      if (entry.owner().equals(owner.token())) {
        try {
          removal.remove(entry);
        } catch (LifeboatException e) {
          LOG.warn("scratch left to the janitor scratch={} reason={}", entry.id(), e.getMessage());
        }
      }
    }
  }

  /** Sweeps what ended processes left behind. */
  public Janitor janitor() {
    return new Janitor(ledger, owner, docker, removal, clock);
  }

  /** How many scratches of this work folder there are, living or left behind: for a gauge. */
  public int count() {
    return ledger.entries().size();
  }

  /** Docker where an engine answers, else process. */
  public ScratchKind preferredKind() {
    return docker.isAvailable() ? ScratchKind.docker : ScratchKind.process;
  }

  /**
   * Asks whether there is room for a restore, before a scratch is made.
   *
   * @param sizeBytes what the restore writes
   * @throws PermanentException with code {@code SCRATCH_UNAVAILABLE} if there is not; of an engine
   *     on another machine nothing is known
   */
  public void requireRoom(ScratchKind kind, long sizeBytes) {
    switch (kind) {
      case process -> ScratchPlace.requireRoom(work, sizeBytes);
      case docker ->
          docker.engine().localFolder().ifPresent(it -> ScratchPlace.requireRoom(it, sizeBytes));
    }
  }

  /**
   * Makes a scratch for a cluster.
   *
   * @throws PermanentException with code {@code SCRATCH_UNAVAILABLE} if there is no engine, image
   *     or program for it, or only of another major version; nothing is left behind then
   */
  public PostgresScratch postgres(ScratchRequest request) {
    ScratchPlace.requireApart(work, sources);
    return switch (request.kind()) {
      case docker -> container(request);
      case process -> process(request);
    };
  }

  /**
   * Makes a scratch with an empty cluster, which dumps are loaded into.
   *
   * @param major the source's
   * @param programs the folder with the {@code postgres} program; searched for if empty
   */
  public ProcessScratch empty(String drill, int major, Optional<Path> programs) {
    var server = new ClusterFacts.Server(major * 10_000, "", "", SUPERUSER);
    var contents = new ClusterFacts.Contents(SUPERUSER, List.of(), List.of(), 0);
    var facts =
        new ClusterFacts(
            server, Map.of(), contents, Optional.empty(), Optional.empty(), Optional.empty());
    ProcessScratch scratch =
        process(new ScratchRequest(drill, ScratchKind.process, Optional.empty(), programs, facts));
    try {
      scratch.createCluster();
      return scratch;
    } catch (LifeboatException e) {
      try {
        scratch.close();
      } catch (LifeboatException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  /** Makes a scratch for files. */
  public FolderScratch folder(String drill) {
    ScratchPlace.requireApart(work, sources);
    String id = newId(drill);
    Path folder = work.resolve("scratch").resolve(id);
    ScratchLease lease = record(id, List.of(), List.of(folder));
    return orRelease(
        lease,
        () -> {
          create(folder);
          return new FolderScratch(lease, folderTargets);
        });
  }

  private ProcessScratch process(ScratchRequest request) {
    ScratchUser user = ScratchUser.choose();
    String searchPath = Optional.ofNullable(System.getenv("PATH")).orElse("");
    PostgresPrograms programs =
        PostgresPrograms.find(request.major(), request.programs(), searchPath);
    String id = newId(request.drill());
    Path parent = enterable(user);
    ScratchPlace.requireApart(parent, sources);
    Path folder = parent.resolve(id);
    Path socketFolder = socketFolder(folder, id);
    ScratchLease lease = record(id, List.of(), List.of(folder, socketFolder));
    return orRelease(
        lease,
        () -> {
          create(folder);
          create(socketFolder);
          user.own(folder);
          user.own(socketFolder);
          return new ProcessScratch(lease, user, programs, request, folderTargets);
        });
  }

  private PostgresScratch container(ScratchRequest request) {
    DockerEngine engine = docker.engine();
    String image = request.image().orElse("postgres:" + request.major());
    String digest = engine.require(image);
    String id = newId(request.drill());
    ScratchLease lease = record(id, List.of(id), List.of());
    return orRelease(
        lease,
        () -> {
          engine.start(id, image, labels(id), life);
          ContainerPrograms programs = ContainerPrograms.find(engine, id, image);
          if (programs.major() != request.major()) {
            throw new PermanentException(
                ErrorCode.SCRATCH_UNAVAILABLE,
                "The image "
                    + image
                    + " has PostgreSQL "
                    + programs.version()
                    + ", the snapshot is of "
                    + request.major(),
                "Name an image of PostgreSQL " + request.major() + " as drill.image.");
          }
          return new DockerScratch(lease, engine, programs, image + "@" + digest, request);
        });
  }

  private Map<String, String> labels(String id) {
    return Map.of(
        DockerEngine.LABEL, id,
        DockerEngine.OWNER_LABEL, owner.token(),
        DockerEngine.EXPIRES_LABEL, expiry().toString());
  }

  private Instant expiry() {
    return clock.instant().plus(life);
  }

  private ScratchLease record(String id, List<String> containers, List<Path> folders) {
    var entry =
        new LedgerEntry(
            id,
            owner.token(),
            containers,
            folders.stream().map(Path::toString).toList(),
            expiry().toString());
    if (closing) {
      throw new PermanentException(
          ErrorCode.CANCELLED, "This process is ending", "Start the drill again.");
    }
    ledger.record(entry);
    return new ScratchLease(entry, removal);
  }

  private static <T> T orRelease(ScratchLease lease, Making<T> making) {
    try {
      return making.make();
    } catch (IOException e) {
      throw releasing(lease, unavailable(lease.folders().getFirst(), e));
    } catch (LifeboatException e) {
      throw releasing(lease, e);
    }
  }

  private static LifeboatException releasing(ScratchLease lease, LifeboatException failure) {
    try {
      lease.release();
    } catch (LifeboatException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }

  private static String newId(String drill) {
    String readable = drill.replaceAll("[^A-Za-z0-9-]", "-");
    return "lifeboat-"
        + readable.substring(0, Math.min(readable.length(), 40))
        + "-"
        + UUID.randomUUID().toString().substring(0, 8);
  }

  /** Below the work folder, unless the server's user could not get there; then a public place. */
  private Path enterable(ScratchUser user) {
    Path inWork = work.resolve("scratch");
    try {
      Files.createDirectories(inWork);
      if (user.canEnter(inWork)) {
        return inWork;
      }
      Path open = Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
      if (user.canEnter(open)) {
        return open;
      }
    } catch (IOException e) {
      throw unavailable(inWork, e);
    }
    throw new PermanentException(
        ErrorCode.SCRATCH_UNAVAILABLE,
        "The user that runs the scratch server may not enter " + inWork,
        "Let the folders above it be searchable (chmod o+x), or choose another work folder.");
  }

  /**
   * The kernel limits a socket's path, so a scratch deep in the file system has its socket
   * elsewhere.
   */
  private static Path socketFolder(Path folder, String id) {
    Path beside = folder.resolveSibling(id + ".sock");
    return beside.toString().length() <= LONGEST_SOCKET_FOLDER
        ? beside
        : Path.of(System.getProperty("java.io.tmpdir"))
            .toAbsolutePath()
            .resolve("lb-" + id.substring(id.length() - 8));
  }

  private static void create(Path folder) throws IOException {
    Path parent = folder.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.createDirectory(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private static PermanentException unavailable(Path folder, IOException e) {
    return new PermanentException(
        ErrorCode.SCRATCH_UNAVAILABLE,
        "Cannot make a scratch in " + folder + ": " + e.getMessage(),
        "Let the drills' work folder be writable and have space.",
        e);
  }

  /** Removes what is still there and lets go of the work folder. */
  @Override
  public void close() {
    if (closing) {
      return;
    }
    abandon();
    owner.close();
    try {
      Runtime.getRuntime().removeShutdownHook(lastResort);
    } catch (IllegalStateException e) {
      LOG.debug("the process is ending, and its hooks run");
    }
  }

  private interface Making<T> {
    T make() throws IOException;
  }
}
