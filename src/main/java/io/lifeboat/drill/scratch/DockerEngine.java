package io.lifeboat.drill.scratch;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectExecResponse;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.StreamType;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** What scratch containers need of a Docker engine. Thread-safe. */
final class DockerEngine implements AutoCloseable {
  /** Each of our containers carries it, with the scratch's id as value. */
  static final String LABEL = "io.lifeboat.drill";

  static final String OWNER_LABEL = "io.lifeboat.owner";
  static final String EXPIRES_LABEL = "io.lifeboat.expires";

  private static final long MEMORY_BYTES = 1L << 30;
  private static final long CPU_NANOS = 2_000_000_000L;
  private static final long MOST_PROCESSES = 256;
  private static final int MOST_OUTPUT_BYTES = 1 << 20;
  private static final Duration REMOVAL_PATIENCE = Duration.ofSeconds(60);

  private final DockerClient client;
  private final boolean isHere;

  /**
   * An engine.
   *
   * @param isHere whether it is reached by a socket of this machine's file system
   */
  DockerEngine(DockerClient client, boolean isHere) {
    this.client = client;
    this.isHere = isHere;
  }

  boolean answers() {
    try {
      client.pingCmd().exec();
      return true;
    } catch (RuntimeException e) {
      return false; // each transport has exceptions of its own for "nobody there"
    }
  }

  /** Where its containers' files lie, if that is on this machine and can be seen. */
  Optional<Path> localFolder() {
    return isHere
        ? Optional.ofNullable(client.infoCmd().exec().getDockerRootDir())
            .map(Path::of)
            .filter(Files::isDirectory)
        : Optional.empty();
  }

  /** A container of ours as the engine lists it. */
  record Labelled(String name, String owner, String expiresAt) {}

  /** What a program in a container wrote, up to 1 MiB of each, and its exit status. */
  record Output(int status, String out, String err) {}

  /**
   * The image's digest; pulls the image if it is not there.
   *
   * @throws PermanentException with code {@code SCRATCH_UNAVAILABLE} if there is no such image
   */
  String require(String image) {
    try {
      return digest(client.inspectImageCmd(image).exec());
    } catch (NotFoundException absent) {
      try {
        client.pullImageCmd(tagged(image)).start().awaitCompletion(15, TimeUnit.MINUTES);
        return digest(client.inspectImageCmd(image).exec());
      } catch (InterruptedException e) {
        throw interrupted(e);
      } catch (RuntimeException e) {
        throw unavailable(
            "The image " + image + " is not there and cannot be pulled",
            "Load it with docker load or docker pull, or name another one as drill.image.",
            e);
      }
    }
  }

  /** A name without a tag would pull every image of that name. */
  private static String tagged(String image) {
    boolean exact = image.contains("@") || image.lastIndexOf(':') > image.lastIndexOf('/');
    return exact ? image : image + ":latest";
  }

  private static String digest(InspectImageResponse image) {
    List<String> digests = Optional.ofNullable(image.getRepoDigests()).orElse(List.of());
    return digests.isEmpty()
        ? Optional.ofNullable(image.getId()).orElse("")
        : digests.getFirst().substring(digests.getFirst().indexOf('@') + 1);
  }

  /**
   * Makes and starts a container that does nothing, reaches nothing and ends by itself.
   *
   * @param life after which the engine stops and removes it even if nobody is left to ask for that
   */
  void start(String name, String image, Map<String, String> labels, Duration life) {
    HostConfig confinement =
        HostConfig.newHostConfig()
            .withNetworkMode("none")
            .withCapDrop(Capability.ALL)
            .withSecurityOpts(List.of("no-new-privileges"))
            .withMemory(MEMORY_BYTES)
            .withNanoCPUs(CPU_NANOS)
            .withPidsLimit(MOST_PROCESSES)
            .withAutoRemove(true);
    try {
      client
          .createContainerCmd(image)
          .withName(name)
          .withLabels(labels)
          .withUser("postgres")
          .withEntrypoint("sleep", Long.toString(life.toSeconds()))
          .withCmd()
          .withEnv("LC_ALL=C")
          .withHostConfig(confinement)
          .exec();
      client.startContainerCmd(name).exec();
    } catch (DockerException e) {
      throw unavailable(
          "The scratch container cannot be started from " + image,
          "The image needs a user postgres and the program sleep, as PostgreSQL's own images have.",
          e);
    }
  }

  /** Unpacks a tar stream in a container's folder; reads it as it comes. */
  void unpack(String container, String folder, InputStream tar) {
    try {
      client
          .copyArchiveToContainerCmd(container)
          .withRemotePath(folder)
          .withTarInputStream(tar)
          .exec();
    } catch (RuntimeException e) {
      throw unavailable(
          "The restored files could not be sent into the scratch container",
          "Look at the space of the engine's machine and at its log.",
          e);
    }
  }

  /** Runs a program as the container's user and waits for its end. */
  Output run(String container, List<String> command) {
    var out = new ByteArrayOutputStream();
    Output done = run(container, command, new FirstBytes(out));
    return new Output(done.status(), text(out), done.err());
  }

  /**
   * The same; what the program writes goes to a stream as it comes.
   *
   * @throws io.lifeboat.error.TransientException with code {@code IO_FAILED} if that takes no more
   */
  Output run(String container, List<String> command, OutputStream out) {
    var broken = new AtomicReference<IOException>();
    try {
      String id = prepare(container, command);
      var err = new ByteArrayOutputStream();
      var collector =
          new ResultCallback.Adapter<Frame>() {
            @Override
            public void onNext(Frame frame) {
              if (frame.getStreamType() != StreamType.STDERR) {
                take(frame.getPayload());
              } else if (err.size() < MOST_OUTPUT_BYTES) {
                err.writeBytes(frame.getPayload());
              }
            }

            private void take(byte[] bytes) {
              try {
                if (broken.get() == null) {
                  out.write(bytes);
                }
              } catch (IOException e) {
                broken.set(e);
              }
            }
          };
      client.execStartCmd(id).exec(collector).awaitCompletion();
      InspectExecResponse done = client.inspectExecCmd(id).exec();
      int status = Optional.ofNullable(done.getExitCodeLong()).map(Long::intValue).orElse(-1);
      if (broken.get() != null) {
        throw Extraction.failed(broken.get());
      }
      return new Output(status, "", text(err));
    } catch (LifeboatException e) {
      throw e;
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (RuntimeException e) {
      throw unavailable(
          "Cannot run " + command.getFirst() + " in the scratch container",
          "Look whether the container was stopped from outside, and at the engine's log.",
          e);
    }
  }

  /** Starts a program and leaves it running; its id is for {@link #statusOf}. */
  String launch(String container, List<String> command) {
    try {
      String id = prepare(container, command);
      client
          .execStartCmd(id)
          .withDetach(true)
          .exec(new ResultCallback.Adapter<>())
          .awaitCompletion();
      return id;
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (RuntimeException e) {
      throw unavailable(
          "Cannot start " + command.getFirst() + " in the scratch container",
          "Look at the engine's log.",
          e);
    }
  }

  /** The exit status of what was launched; empty as long as it runs. */
  OptionalInt statusOf(String launched) {
    try {
      Optional<Long> status =
          Optional.ofNullable(client.inspectExecCmd(launched).exec().getExitCodeLong());
      return status.isPresent() ? OptionalInt.of(status.get().intValue()) : OptionalInt.empty();
    } catch (RuntimeException e) {
      throw unavailable(
          "The scratch container has gone", "Look who removed it, and at the engine's log.", e);
    }
  }

  private String prepare(String container, List<String> command) {
    return client
        .execCreateCmd(container)
        .withCmd(command.toArray(String[]::new))
        .withAttachStdout(true)
        .withAttachStderr(true)
        .exec()
        .getId();
  }

  /** All containers that carry our label, running or not. */
  List<Labelled> labelled() {
    try {
      return client
          .listContainersCmd()
          .withShowAll(true)
          .withLabelFilter(List.of(LABEL))
          .exec()
          .stream()
          .map(DockerEngine::labelled)
          .toList();
    } catch (RuntimeException e) {
      throw unavailable("The engine does not list its containers", "Look at the engine's log.", e);
    }
  }

  private static Labelled labelled(Container container) {
    Map<String, String> labels = container.getLabels();
    String name = container.getNames()[0];
    return new Labelled(
        name.startsWith("/") ? name.substring(1) : name,
        labels.getOrDefault(OWNER_LABEL, ""),
        labels.getOrDefault(EXPIRES_LABEL, ""));
  }

  /**
   * Kills and removes a container with its volumes, and waits until the engine knows it no more.
   */
  void remove(String container) {
    long deadline = System.nanoTime() + REMOVAL_PATIENCE.toNanos();
    try {
      while (exists(container)) {
        if (System.nanoTime() > deadline) {
          throw new PermanentException(
              ErrorCode.SCRATCH_NOT_REMOVED,
              "The container " + container + " is still there",
              "docker rm --force --volumes " + container);
        }
        try {
          client.removeContainerCmd(container).withForce(true).withRemoveVolumes(true).exec();
        } catch (NotFoundException gone) {
          return;
        } catch (ConflictException removing) {
          TimeUnit.MILLISECONDS.sleep(100); // the engine is at it already
        }
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (DockerException e) {
      throw unavailable(
          "The container " + container + " cannot be removed", "Look at the engine's log.", e);
    }
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "The connection to the engine cannot be closed: " + e.getMessage(),
          "It ends with the process.",
          e);
    }
  }

  private boolean exists(String container) {
    try {
      Map<String, String> labels =
          Optional.ofNullable(client.inspectContainerCmd(container).exec().getConfig().getLabels())
              .orElse(Map.of());
      return labels.containsKey(LABEL); // another's container of that name is none of ours
    } catch (NotFoundException e) {
      return false;
    }
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static PermanentException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new PermanentException(
        ErrorCode.CANCELLED, "The drill was interrupted", "Start it again.", e);
  }

  private static PermanentException unavailable(String fact, String hint, RuntimeException e) {
    return new PermanentException(
        ErrorCode.SCRATCH_UNAVAILABLE, fact + ": " + e.getMessage(), hint, e);
  }

  /** Keeps what it can hold, and lets the rest go. */
  private static final class FirstBytes extends OutputStream {
    private final ByteArrayOutputStream kept;

    FirstBytes(ByteArrayOutputStream kept) {
      this.kept = kept;
    }

    @Override
    public void write(int one) {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      if (kept.size() < MOST_OUTPUT_BYTES) {
        kept.write(bytes, offset, length);
      }
    }
  }
}
