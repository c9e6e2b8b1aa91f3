package io.lifeboat.postgres;

import io.lifeboat.bench.MadeUpBytes;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/**
 * {@code SyntheticCluster FOLDER MAJOR BYTES}: a cluster that no disk here could hold. A real,
 * small server answers everything; but who asks it for a base backup gets one more database of so
 * many bytes, whose pages are made up when they are sent, with their checksums and their lines in
 * the manifest. Half of each page is text that compresses, and no two pages are the same.
 */
public final class SyntheticCluster {
  private static final int PAGE_BYTES = 8192;
  private static final int PAGE_VERSION = 4;
  private static final int PAGE_HEADER_BYTES = 24;
  private static final int CHECKSUM_AT = 8;
  private static final int MESSAGE_PAGES = 8;
  private static final long SEGMENT_BYTES = 1 << 30;
  private static final int TEXT_BYTES = 16 << 20;
  private static final int TAR_BLOCK_BYTES = 512;
  private static final int BUFFER_BYTES = 256 << 10;
  private static final String DATABASE = "base/90000/";
  private static final String RELATION = "16384";
  private static final int SSL_REQUEST = 80877103;
  private static final int GSS_REQUEST = 80877104;
  private static final int MOST_STARTUP_BYTES = 10_000;

  private final int port;
  private final long bytes;
  private final byte[] text = new byte[TEXT_BYTES];

  private SyntheticCluster(int port, long bytes) {
    this.port = port;
    this.bytes = bytes;
    new MadeUpBytes(11).text(text, 0, text.length);
  }

  /** A file that was made up, as a line of the manifest. */
  private record Made(String path, long sizeBytes, String sha256) {
    String line() {
      return "{ \"Path\": \""
          + path
          + "\", \"Size\": "
          + sizeBytes
          + ", \"Last-Modified\": \"2026-01-01 00:00:00 GMT\", \"Checksum-Algorithm\": \"SHA256\","
          + " \"Checksum\": \""
          + sha256
          + "\" },\n";
    }
  }

  /** Prints its url, and runs until standard input ends. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 3) {
      throw new IllegalArgumentException("usage: SyntheticCluster FOLDER MAJOR BYTES");
    }
    long bytes = Long.parseLong(arguments[2]);
    try (SourceCluster server =
            SourceCluster.start(
                Integer.parseInt(arguments[1]), 16, Path.of(arguments[0]), Map.of());
        ServerSocket door = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      URI real = URI.create(server.url());
      var cluster = new SyntheticCluster(real.getPort(), bytes);
      Thread.ofPlatform().daemon().start(() -> cluster.serve(door));
      System.out.println(
          server.url().replace(":" + real.getPort() + "/", ":" + door.getLocalPort() + "/"));
      while (System.in.read() >= 0) {
        // whoever started it says nothing; the end of the input is the sign to stop
      }
    }
  }

  private void serve(ServerSocket door) {
    while (!door.isClosed()) {
      try {
        Socket client = door.accept();
        Thread.ofPlatform().daemon().start(() -> session(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void session(Socket client) {
    try (client;
        var server = new Socket(InetAddress.getLoopbackAddress(), port)) {
      var fromClient = new DataInputStream(new BufferedInputStream(client.getInputStream()));
      byte[] startup = startup(fromClient, client.getOutputStream());
      var toServer = new DataOutputStream(server.getOutputStream());
      toServer.writeInt(startup.length + Integer.BYTES);
      toServer.write(startup);
      Thread questions =
          Thread.ofPlatform().daemon().start(() -> copy(fromClient, toServer, server));
      InputStream answers = new BufferedInputStream(server.getInputStream(), BUFFER_BYTES);
      if (new String(startup, StandardCharsets.UTF_8).contains("\0replication\0true")) {
        relay(
            new DataInputStream(answers),
            new DataOutputStream(new BufferedOutputStream(client.getOutputStream(), BUFFER_BYTES)));
      } else {
        answers.transferTo(client.getOutputStream());
      }
      client.close();
      questions.join();
    } catch (IOException e) {
      // One side has hung up, and so do we.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the client begins with once it was told that there is no encryption. */
  private static byte[] startup(DataInputStream client, OutputStream answer) throws IOException {
    while (true) {
      int length = client.readInt();
      if (length < Integer.BYTES || length > MOST_STARTUP_BYTES) {
        throw new IOException("Not a client of PostgreSQL");
      }
      byte[] message = client.readNBytes(length - Integer.BYTES);
      int code = ByteBuffer.wrap(message).getInt();
      if (code != SSL_REQUEST && code != GSS_REQUEST) {
        return message;
      }
      answer.write('N');
    }
  }

  private static void copy(InputStream from, OutputStream to, Socket server) {
    try {
      from.transferTo(to);
      server.shutdownOutput();
    } catch (IOException e) {
      // One side has hung up, and so do we.
    }
  }

  /** Passes on messages, and puts made-up files into the first archive and into the manifest. */
  private void relay(DataInputStream server, DataOutputStream client) throws IOException {
    List<Made> made = List.of();
    var manifest = new ByteArrayOutputStream();
    boolean inManifest = false;
    for (int type = server.read(); type >= 0; type = server.read()) {
      byte[] body = server.readNBytes(server.readInt() - Integer.BYTES);
      boolean copyData = type == 'd';
      if (copyData && inManifest && body[0] == 'd') {
        manifest.write(body, 1, body.length - 1);
        continue;
      }
      if (type == 'c' && inManifest) {
        byte[] amended = amended(manifest.toString(StandardCharsets.UTF_8), made);
        send(client, 'd', 'd', amended, amended.length);
      }
      client.writeByte(type);
      client.writeInt(body.length + Integer.BYTES);
      client.write(body);
      inManifest = copyData ? inManifest || body[0] == 'm' : inManifest && type != 'c';
      if (copyData && new String(body, StandardCharsets.UTF_8).startsWith("nbase.tar\0")) {
        made = makeUp(client);
      }
      if (server.available() == 0) {
        client.flush();
      }
    }
    client.flush();
  }

  private static void send(DataOutputStream client, char type, char kind, byte[] bytes, int length)
      throws IOException {
    client.writeByte(type);
    client.writeInt(length + 1 + Integer.BYTES);
    client.writeByte(kind);
    client.write(bytes, 0, length);
  }

  private List<Made> makeUp(DataOutputStream client) throws IOException {
    List<Made> made = new ArrayList<>();
    header(client, DATABASE, 0);
    var random = new SplittableRandom(12);
    for (long segment = 0; segment * SEGMENT_BYTES < bytes; segment++) {
      String path = DATABASE + RELATION + (segment == 0 ? "" : "." + segment);
      long size =
          Math.min(SEGMENT_BYTES, bytes - segment * SEGMENT_BYTES) / PAGE_BYTES * PAGE_BYTES;
      header(client, path, size);
      made.add(new Made(path, size, pages(client, segment, size, random)));
    }
    return made;
  }

  private static void header(DataOutputStream client, String path, long size) throws IOException {
    var entry = new TarArchiveEntry(path);
    entry.setSize(size);
    entry.setMode(path.endsWith("/") ? 0700 : 0600);
    byte[] block = new byte[TAR_BLOCK_BYTES];
    entry.writeEntryHeader(block);
    send(client, 'd', 'd', block, block.length);
  }

  /** Answers the SHA-256 of what was sent. */
  private String pages(DataOutputStream client, long segment, long size, SplittableRandom random)
      throws IOException {
    MessageDigest digest = sha256();
    var checksum = new PageChecksum(PAGE_BYTES);
    byte[] block = new byte[MESSAGE_PAGES * PAGE_BYTES];
    long number = segment * (SEGMENT_BYTES / PAGE_BYTES);
    for (long left = size; left > 0; ) {
      int length = (int) Math.min(left, block.length);
      for (int at = 0; at < length; at += PAGE_BYTES) {
        page(block, at, number++, random, checksum);
      }
      digest.update(block, 0, length);
      send(client, 'd', 'd', block, length);
      left -= length;
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private void page(
      byte[] block, int at, long number, SplittableRandom random, PageChecksum checksum) {
    ByteBuffer page = ByteBuffer.wrap(block, at, PAGE_BYTES).slice().order(ByteOrder.LITTLE_ENDIAN);
    page.putLong(0).putShort((short) 0).putShort((short) 0);
    page.putShort((short) PAGE_HEADER_BYTES).putShort((short) PAGE_HEADER_BYTES);
    page.putShort((short) PAGE_BYTES).putShort((short) (PAGE_BYTES | PAGE_VERSION)).putInt(0);
    while (page.position() < PAGE_BYTES / 2) {
      page.putLong(random.nextLong());
    }
    page.put(text, random.nextInt(TEXT_BYTES - PAGE_BYTES), page.remaining());
    page.putShort(CHECKSUM_AT, (short) checksum.of(block, at, number));
  }

  /** The manifest with lines for what was made up, and with the checksum that it has then. */
  private static byte[] amended(String manifest, List<Made> made) {
    String files = "\"Files\": [\n";
    int first = manifest.indexOf(files) + files.length();
    var text = new StringBuilder(manifest.substring(0, first));
    made.forEach(file -> text.append(file.line()));
    text.append(manifest, first, manifest.lastIndexOf("\"Manifest-Checksum\""));
    String sum =
        HexFormat.of().formatHex(sha256().digest(text.toString().getBytes(StandardCharsets.UTF_8)));
    return text.append("\"Manifest-Checksum\": \"")
        .append(sum)
        .append("\"}\n")
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
