package io.lifeboat.wal.push;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One push: a file over the socket, and the answer to it. For one thread, for one file. */
public final class PushCall implements AutoCloseable {
  private static final int SLICE_BYTES = 256 * 1024;

  private final SocketChannel service;

  private PushCall(SocketChannel service) {
    this.service = service;
  }

  /**
   * Calls the service.
   *
   * @throws IOException if nobody listens at the socket, or it may not be used
   */
  public static PushCall connect(Path socket) throws IOException {
    SocketChannel service = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      service.connect(UnixDomainSocketAddress.of(socket));
      return new PushCall(service);
    } catch (IOException e) {
      service.close();
      throw e;
    }
  }

  /**
   * Sends a file, and waits for the answer, as long as it takes: somebody else must see to it that
   * this does not last for ever, and may close this for that.
   *
   * @param file has as many bytes as the request says
   */
  public PushAnswer send(PushRequest request, Path file) throws IOException {
    try (FileChannel bytes = FileChannel.open(file, StandardOpenOption.READ)) {
      write(request.toBytes());
      send(bytes, request.lengthBytes());
      return PushAnswer.read(service);
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      service.write(bytes);
    }
  }

  private void send(FileChannel bytes, long length) throws IOException {
    ByteBuffer slice = ByteBuffer.allocateDirect(SLICE_BYTES);
    long left = length;
    while (left > 0) {
      slice.clear().limit((int) Math.min(left, SLICE_BYTES));
      if (bytes.read(slice) < 0) {
        throw new IOException("the file became shorter while it was read");
      }
      left -= slice.flip().remaining();
      write(slice);
    }
  }

  @Override
  public void close() throws IOException {
    service.close();
  }
}
