package io.lifeboat.drill.scratch;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Hands bytes from one thread to another through at most {@value #BLOCKS} blocks of {@value
 * #BLOCK_BYTES} bytes. Either side may give up: the other then fails instead of waiting for ever,
 * and a writer that gives up does not look like the end of the stream.
 */
final class BoundedPipe {
  static final int BLOCK_BYTES = 256 * 1024;
  static final int BLOCKS = 8;

  private static final byte[] END = new byte[0];
  private static final byte[] ABORT = new byte[0];

  private final BlockingQueue<byte[]> blocks = new ArrayBlockingQueue<>(BLOCKS);
  private volatile boolean readerLeft;
  private volatile boolean writerFailed;

  private final OutputStream sink = new Sink();
  private final InputStream source = new Source();

  /** Where to write; closing it is the end of the stream. Buffered. */
  OutputStream sink() {
    return sink;
  }

  /** Where to read. Closing it makes the writer fail. */
  InputStream source() {
    return source;
  }

  /** The writer gives up: the reader fails at its next read. */
  void abort() {
    writerFailed = true;
    blocks.clear();
    blocks.offer(ABORT);
  }

  /** The reader has gone: the writer fails at its next write. */
  void abandon() {
    readerLeft = true;
    blocks.clear();
  }

  private void send(byte[] block) throws IOException {
    try {
      while (!blocks.offer(block, 100, TimeUnit.MILLISECONDS)) {
        refuseWithoutReader();
      }
      refuseWithoutReader();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted while writing").initCause(e);
    }
  }

  private void refuseWithoutReader() throws IOException {
    if (readerLeft) {
      throw new IOException("the receiver stopped reading");
    }
  }

  private final class Sink extends OutputStream {
    private byte[] block = new byte[BLOCK_BYTES];
    private int filled;
    private boolean closed;

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int at = offset;
      while (at < offset + length) {
        int part = Math.min(offset + length - at, BLOCK_BYTES - filled);
        System.arraycopy(bytes, at, block, filled, part);
        filled += part;
        at += part;
        if (filled == BLOCK_BYTES) {
          send(block);
          block = new byte[BLOCK_BYTES];
          filled = 0;
        }
      }
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        if (filled > 0) {
          send(Arrays.copyOf(block, filled));
        }
        send(END);
      }
    }
  }

  private final class Source extends InputStream {
    private byte[] block = new byte[0];
    private int at;
    private boolean ended;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (!fill()) {
        return -1;
      }
      int part = Math.min(length, block.length - at);
      System.arraycopy(block, at, bytes, offset, part);
      at += part;
      return part;
    }

    /** Whether there are bytes to read. */
    private boolean fill() throws IOException {
      while (!ended && at == block.length) {
        byte[] next = take();
        if (writerFailed) {
          throw new IOException("the writer gave up");
        }
        ended = next.length == 0; // blocks are never empty otherwise
        block = next;
        at = 0;
      }
      return !ended;
    }

    private byte[] take() throws IOException {
      try {
        return blocks.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw (IOException) new InterruptedIOException("interrupted while reading").initCause(e);
      }
    }

    @Override
    public void close() {
      if (!ended) {
        abandon();
      }
    }
  }
}
