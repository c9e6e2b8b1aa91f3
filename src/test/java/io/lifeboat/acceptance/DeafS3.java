package io.lifeboat.acceptance;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * As much of S3 as a repository is made with, from a server that does not hear {@code
 * If-None-Match}: every put overwrites.
 */
public final class DeafS3 implements AutoCloseable {
  private static final String LISTING =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>
      """;

  private final Map<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private final HttpServer server;

  /** Starts one on a free port. */
  public DeafS3() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  /** Where it listens. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** What it holds, by bucket and name. */
  public Map<String, byte[]> objects() {
    return objects;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String name = exchange.getRequestURI().getPath();
      switch (exchange.getRequestMethod()) {
        case "PUT" -> {
          objects.put(name, exchange.getRequestBody().readAllBytes());
          exchange.getResponseHeaders().set("ETag", "\"0\"");
          exchange.sendResponseHeaders(200, -1);
        }
        case "DELETE" -> {
          objects.remove(name);
          exchange.sendResponseHeaders(204, -1);
        }
        default -> {
          boolean list = exchange.getRequestURI().getRawQuery() != null;
          byte[] found =
              list ? LISTING.strip().getBytes(StandardCharsets.UTF_8) : objects.get(name);
          boolean head = exchange.getRequestMethod().equals("HEAD");
          if (found == null) {
            exchange.sendResponseHeaders(404, -1);
          } else if (head) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(found.length));
            exchange.sendResponseHeaders(200, -1);
          } else {
            exchange.sendResponseHeaders(200, found.length);
            exchange.getResponseBody().write(found);
          }
        }
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
