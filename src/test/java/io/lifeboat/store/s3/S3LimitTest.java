package io.lifeboat.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.lifeboat.config.Secret;
import io.lifeboat.config.StoreConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that answers every read with two gigabytes, whatever was asked. */
class S3LimitTest {
  private static final long ANSWER_BYTES = 2_000_000_000L;

  /** What the buffers of two sockets and a client may take before the server notices. */
  private static final long BUFFERED_BYTES = 16_000_000;

  private final AtomicLong sentBytes = new AtomicLong();
  private HttpServer server;
  private S3Store store;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, ANSWER_BYTES);
          byte[] piece = new byte[64 << 10];
          try (var out = exchange.getResponseBody()) {
            for (long sent = 0; sent < ANSWER_BYTES; sent += piece.length) {
              out.write(piece, 0, (int) Math.min(piece.length, ANSWER_BYTES - sent));
              sentBytes.addAndGet(piece.length);
            }
          }
        });
    server.start();
    var config =
        new StoreConfig.S3(
            Optional.of(URI.create("http://127.0.0.1:" + server.getAddress().getPort())),
            Optional.of("us-east-1"),
            "bucket",
            Optional.empty(),
            true,
            Optional.of(new Secret("access")),
            Optional.of(new Secret("secret")),
            Optional.empty());
    store = new S3Store(S3Settings.of(config), Clock.systemUTC());
  }

  @AfterEach
  void stop() {
    store.close();
    server.stop(0);
  }

  @Test
  void anAnswerBeyondTheLimitIsRefusedUnread() {
    assertRefused(() -> store.get("log/0000000000000000", 17 << 20));
  }

  @Test
  void aRangeThatIsAnsweredWithMoreIsRefusedUnread() {
    assertRefused(() -> store.getRange("log/0000000000000000", 10, 1000));
  }

  private void assertRefused(ThrowingCallable read) {
    assertThatThrownBy(read)
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OBJECT_DAMAGED))
        .hasMessageContaining("log/0000000000000000")
        .hasMessageContaining(String.valueOf(ANSWER_BYTES));
    assertThat(sentBytes.get()).isLessThan(BUFFERED_BYTES);
  }
}
