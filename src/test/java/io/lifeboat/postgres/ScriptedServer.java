package io.lifeboat.postgres;

import io.lifeboat.progress.Progress;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import javax.net.SocketFactory;
import org.postgresql.core.PGStream;
import org.postgresql.util.HostSpec;

/** Says what it was told to say to the first who connects, and hangs up. */
final class ScriptedServer implements AutoCloseable {
  private final ByteArrayOutputStream script = new ByteArrayOutputStream();
  private final ServerSocket socket;

  ScriptedServer() throws IOException {
    socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  ScriptedServer message(char type, byte[] body) throws IOException {
    var out = new DataOutputStream(script);
    out.writeByte(type);
    out.writeInt(body.length + 4);
    out.write(body);
    return this;
  }

  ScriptedServer copyData(char kind, String text) throws IOException {
    return copyData(kind, text.getBytes(StandardCharsets.UTF_8));
  }

  ScriptedServer copyData(char kind, byte[] bytes) throws IOException {
    byte[] body = new byte[bytes.length + 1];
    body[0] = (byte) kind;
    System.arraycopy(bytes, 0, body, 1, bytes.length);
    return message('d', body);
  }

  ScriptedServer error(String severity, String state, String text) throws IOException {
    return message(
        'E',
        ("S" + severity + "\0V" + severity + "\0C" + state + "\0M" + text + "\0\0")
            .getBytes(StandardCharsets.UTF_8));
  }

  /** Only the first bytes of the script are sent. */
  ServerMessages cutAfter(int bytes) throws IOException {
    return connect(Arrays.copyOf(script.toByteArray(), bytes));
  }

  int length() {
    return script.size();
  }

  ServerMessages connect() throws IOException {
    return connect(script.toByteArray());
  }

  private ServerMessages connect(byte[] bytes) throws IOException {
    Thread.startVirtualThread(() -> {
      try (Socket client = socket.accept();
          OutputStream out = client.getOutputStream()) {
        out.write(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    var place = new HostSpec("127.0.0.1", socket.getLocalPort());
    var address =
        new PostgresAddress(
            "127.0.0.1",
            socket.getLocalPort(),
            Optional.empty(),
            "u",
            "d",
            Map.of(),
            Optional.empty());
    return new ServerMessages(
        new PGStream(SocketFactory.getDefault(), place, 0, 8192),
        address,
        ReplicationPurpose.BASE_BACKUP,
        Progress.none());
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
