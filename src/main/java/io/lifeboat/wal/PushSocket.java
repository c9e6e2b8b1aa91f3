package io.lifeboat.wal;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.FolderLock;
import io.lifeboat.wal.push.PushAnswer;
import io.lifeboat.wal.push.PushRequest;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where {@code archive_command} hands over files: a unix socket that its owner may use, and one
 * group if that is wanted. A file is taken for each connection; {@link PushRequest} says how.
 * Nobody can hold it up: who says nothing, or listens to nothing, is cut off.
 */
public final class PushSocket implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PushSocket.class);
  private static final int MOST_AT_ONCE = 16;
  private static final long MOST_FILE_BYTES = 1L << 30;
  private static final Duration UNTIL_REQUEST = Duration.ofSeconds(10);
  private static final Duration FAREWELL = Duration.ofSeconds(2);
  private static final int SLICE_BYTES = 256 * 1024;

  private final Path path;
  private final FolderLock lock;
  private final ServerSocketChannel listening;
  private final Taker taker;
  private final Semaphore room = new Semaphore(MOST_AT_ONCE);
  private final ExecutorService serving =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("wal-push-", 0).factory());
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("wal-push-clock").factory());

  /** Takes files. */
  @FunctionalInterface
  public interface Taker {
    /**
     * Takes one, or says why not.
     *
     * @throws IOException if the bytes end before they are complete
     */
    PushAnswer take(PushRequest request, ReadableByteChannel bytes) throws IOException;
  }

  private PushSocket(Path path, FolderLock lock, ServerSocketChannel listening, Taker taker) {
    this.path = path;
    this.lock = lock;
    this.listening = listening;
    this.taker = taker;
  }

  /**
   * Begins to listen. The socket's folder is made if it is absent, for the same who may use the
   * socket.
   *
   * @param group who may use it beside the owner; whoever runs this must belong to it
   * @throws PermanentException with code {@code SOURCE_BUSY} if another process listens there, or
   *     {@code IO_FAILED}
   */
  public static PushSocket listen(Path path, Optional<String> group, Taker taker) {
    Path folder = path.toAbsolutePath().resolveSibling("");
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder);
        allow(folder, "rwx------", Optional.empty());
        allow(folder, group.isPresent() ? "rwx--x---" : "rwx------", group);
      }
      FolderLock lock =
          FolderLock.tryLock(folder)
              .orElseThrow(() ->
                  new PermanentException(
                      ErrorCode.SOURCE_BUSY,
                      "Another process listens in " + folder + " for WAL",
                      "Stop it, or give this one a work folder or walPush.socket of its own."));
      try {
        ServerSocketChannel listening = bind(path, group);
        var socket = new PushSocket(path, lock, listening, taker);
        Thread.ofPlatform().daemon().name("wal-push-listen").start(socket::accept);
        return socket;
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "Nothing can be heard at the socket " + path + ": " + e.getMessage(),
          "Look at walPush in the configuration: the folder must be writable for the service, its"
              + " user must belong to the group.",
          e);
    }
  }

  private static ServerSocketChannel bind(Path path, Optional<String> group) throws IOException {
    // The lock says that nobody listens: what is there was left by a process that was killed.
    Files.deleteIfExists(path);
    ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      // Under another name until only those can use it who may.
      Path beside = path.resolveSibling(path.getFileName() + "~");
      Files.deleteIfExists(beside);
      listening.bind(UnixDomainSocketAddress.of(beside));
      allow(beside, group.isPresent() ? "rw-rw----" : "rw-------", group);
      Files.move(beside, path);
      return listening;
    } catch (IOException | RuntimeException e) {
      listening.close();
      throw e;
    }
  }

  private static void allow(Path path, String mode, Optional<String> group) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
    if (group.isPresent()) {
      try {
        view.setGroup(
            path.getFileSystem()
                .getUserPrincipalLookupService()
                .lookupPrincipalByGroupName(group.get()));
      } catch (UserPrincipalNotFoundException e) {
        throw new IOException("there is no group '" + group.get() + "' on this host", e);
      }
    }
    view.setPermissions(PosixFilePermissions.fromString(mode));
  }

  private void accept() {
    while (listening.isOpen()) {
      try {
        SocketChannel client = listening.accept();
        if (room.tryAcquire()) {
          serving.execute(() -> serve(client));
        } else {
          answer(client, PushAnswer.later("too many files are being taken; it is tried again"));
          client.close();
        }
      } catch (IOException | RuntimeException e) {
        if (listening.isOpen()) {
          LOG.warn("event=wal-push-not-accepted socket={} because={}", path, e.toString());
        }
      }
    }
  }

  private void serve(SocketChannel client) {
    ScheduledFuture<?> cut = cutOff(client, UNTIL_REQUEST);
    try (client) {
      PushRequest request = read(client);
      cut.cancel(false);
      cut = cutOff(client, Duration.ofMillis(request.patienceMillis()).plus(FAREWELL));
      if (request.lengthBytes() > MOST_FILE_BYTES) {
        answer(client, PushAnswer.refused("no file of WAL has that many bytes"));
        return;
      }
      var bytes = new Bounded(client, request.lengthBytes());
      answer(client, taken(request, bytes));
      // Who still sends would not get to read the answer.
      bytes.skip();
    } catch (IOException e) {
      LOG.info("event=wal-push-ended-early because={}", e.toString());
    } finally {
      cut.cancel(false);
      room.release();
    }
  }

  private static PushRequest read(SocketChannel client) throws IOException {
    try {
      return PushRequest.read(client);
    } catch (PushRequest.NotUnderstood e) {
      answer(client, PushAnswer.refused("the request is not understood: " + e.getMessage()));
      throw e;
    }
  }

  private PushAnswer taken(PushRequest request, Bounded bytes) throws IOException {
    try {
      PushAnswer answer = taker.take(request, bytes);
      LOG.debug("event=wal-pushed plan={} file={} {}", request.plan(), request.name(), answer);
      return answer;
    } catch (RuntimeException | Error e) {
      LOG.error("event=wal-push-failed plan={} file={}", request.plan(), request.name(), e);
      return PushAnswer.later("the service failed: " + e + ". Its log says more.");
    }
  }

  private ScheduledFuture<?> cutOff(SocketChannel client, Duration after) {
    return clock.schedule(
        () -> {
          LOG.warn("event=wal-push-cut-off after={}", after);
          close(client);
        },
        after.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private static void answer(SocketChannel client, PushAnswer answer) throws IOException {
    ByteBuffer bytes = answer.toBytes();
    while (bytes.hasRemaining()) {
      client.write(bytes);
    }
  }

  private static void close(AutoCloseable channel) {
    try {
      channel.close();
    } catch (Exception e) {
      LOG.debug("event=wal-push-not-closed because={}", e.toString());
    }
  }

  /** A file's bytes, and no more than that. */
  private static final class Bounded implements ReadableByteChannel {
    private final SocketChannel client;
    private long left;

    Bounded(SocketChannel client, long bytes) {
      this.client = client;
      this.left = bytes;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      if (left == 0) {
        return -1;
      }
      int limit = into.limit();
      into.limit((int) Math.min(limit, into.position() + left));
      try {
        int read = client.read(into);
        left -= Math.max(0, read);
        return read;
      } finally {
        into.limit(limit);
      }
    }

    void skip() throws IOException {
      ByteBuffer nowhere = ByteBuffer.allocate(SLICE_BYTES);
      while (left > 0 && read(nowhere.clear()) >= 0) {
        // More of what nobody wants.
      }
    }

    @Override
    public boolean isOpen() {
      return client.isOpen();
    }

    @Override
    public void close() throws IOException {
      client.close();
    }
  }

  /** Takes no more files; one that is on its way may end as the caller's doing. */
  @Override
  public void close() {
    close(listening);
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LOG.debug("event=wal-push-socket-left path={} because={}", path, e.toString());
    }
    serving.shutdown();
    clock.shutdown();
    lock.close();
  }
}
