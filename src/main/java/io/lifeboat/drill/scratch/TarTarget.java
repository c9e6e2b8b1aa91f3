package io.lifeboat.drill.scratch;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.restore.RestorePath;
import io.lifeboat.restore.RestoreTarget;
import io.lifeboat.restore.TarStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * Sends a restored tree as one tar stream to whoever unpacks it, while it is being restored:
 * nothing is staged, and a few blocks of memory are all it takes. Everything belongs to one user
 * there, whoever owned it at the source.
 */
final class TarTarget implements RestoreTarget {
  private static final byte[] NO_LINK = new byte[0];
  private static final byte[] ZEROS = new byte[64 * 1024];

  private final byte[] prefix;
  private final TarStream.Owner owner;
  private final BoundedPipe pipe = new BoundedPipe();
  private final OutputStream out = pipe.sink();
  private final TarStream tar = new TarStream(out);
  private final CompletableFuture<Void> receiver;
  private boolean committed;
  private boolean broken;

  /**
   * Starts the receiver in a thread of its own.
   *
   * @param prefix where the tree's root lies in the archive, such as {@code lifeboat/tree/}
   */
  TarTarget(String prefix, int uid, int gid, Consumer<InputStream> unpack) {
    this.prefix = prefix.getBytes(StandardCharsets.UTF_8);
    this.owner = new TarStream.Owner(uid, gid, "", "");
    this.receiver = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("scratch-unpack")
        .start(() -> {
          try {
            unpack.accept(pipe.source());
            receiver.complete(null);
          } catch (RuntimeException e) {
            receiver.completeExceptionally(e);
          } finally {
            pipe.abandon();
          }
        });
  }

  @Override
  public void directory(RestorePath path, Attributes attributes) {
    // Its owner must be able to work in it, whatever the source's mode was.
    write(header(TarStream.DIRECTORY, path, NO_LINK, attributes.mode() | 0700, 0, attributes));
  }

  @Override
  public FileWriter file(RestorePath path, Node.RegularFile node) {
    long size = node.content().sizeBytes();
    write(header(TarStream.FILE, path, NO_LINK, node.attributes().mode(), size, node.attributes()));
    return new Writer(path, size);
  }

  @Override
  public boolean hardLink(RestorePath path, RestorePath existing) {
    var now = new Attributes(0600, owner.uid(), owner.gid(), "", "", java.time.Instant.EPOCH);
    write(header(TarStream.HARD_LINK, path, name(existing), 0600, 0, now));
    return true;
  }

  @Override
  public void symlink(RestorePath path, Node.Symlink node) {
    write(header(TarStream.SYMBOLIC_LINK, path, node.target(), 0777, 0, node.attributes()));
  }

  @Override
  public void commit() {
    if (broken) {
      throw new IllegalStateException("a file is shorter than it should be; nothing can follow it");
    }
    try {
      tar.end();
      out.close();
    } catch (IOException e) {
      throw failed(e);
    }
    committed = true;
    awaitReceiver();
  }

  @Override
  public void close() {
    if (!committed) {
      pipe.abort();
      receiver.exceptionally(e -> null).join();
    }
  }

  private void write(TarStream.Header header) {
    try {
      tar.header(header);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private TarStream.Header header(
      byte type, RestorePath path, byte[] link, int mode, long size, Attributes attributes) {
    return new TarStream.Header(type, name(path), link, mode, owner, size, attributes.modifiedAt());
  }

  private byte[] name(RestorePath path) {
    var name = new ByteArrayOutputStream();
    name.writeBytes(prefix);
    String separator = "";
    for (FileName component : path.components()) {
      name.writeBytes(separator.getBytes(StandardCharsets.US_ASCII));
      name.writeBytes(component.bytes());
      separator = "/";
    }
    return name.toByteArray();
  }

  private void awaitReceiver() {
    try {
      receiver.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof LifeboatException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** The receiver's reason, if it gave one, says more than that it stopped reading. */
  private LifeboatException failed(IOException e) {
    if (receiver.isCompletedExceptionally()) {
      try {
        awaitReceiver();
      } catch (LifeboatException cause) {
        cause.addSuppressed(e);
        return cause;
      }
    }
    return new PermanentException(
        ErrorCode.SCRATCH_UNAVAILABLE,
        "The restored files could not be sent to the scratch: " + e.getMessage(),
        "Look at the space of the engine's machine and at its log.",
        e);
  }

  private final class Writer implements FileWriter {
    private final RestorePath path;
    private final long sizeBytes;
    private long taken;
    private boolean complete;
    private boolean closed;

    Writer(RestorePath path, long sizeBytes) {
      this.path = path;
      this.sizeBytes = sizeBytes;
    }

    @Override
    public void write(ByteBuffer bytes) {
      byte[] copy = new byte[Math.min(bytes.remaining(), ZEROS.length)];
      while (bytes.hasRemaining()) {
        int part = Math.min(bytes.remaining(), copy.length);
        bytes.get(copy, 0, part);
        take(copy, part);
      }
    }

    @Override
    public void hole(long lengthBytes) {
      for (long left = lengthBytes; left > 0; left -= ZEROS.length) {
        take(ZEROS, (int) Math.min(left, ZEROS.length));
      }
    }

    private void take(byte[] bytes, int length) {
      taken += length;
      if (taken > sizeBytes) {
        broken = true;
        throw new IllegalStateException(path + " is longer than its " + sizeBytes + " bytes");
      }
      try {
        out.write(bytes, 0, length);
      } catch (IOException e) {
        throw failed(e);
      }
    }

    @Override
    public void complete() {
      if (taken != sizeBytes) {
        throw new IllegalStateException(path + " has " + taken + " of its " + sizeBytes + " bytes");
      }
      complete = true;
    }

    @Override
    public void close() {
      if (closed) {
        return;
      }
      closed = true;
      broken |= !complete;
      try {
        tar.pad(taken);
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }
}
