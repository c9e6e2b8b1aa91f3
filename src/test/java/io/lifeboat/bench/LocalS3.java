package io.lifeboat.bench;

import io.lifeboat.store.Body;
import io.lifeboat.store.s3.EmbeddedS3;
import io.lifeboat.store.s3.S3Settings;
import io.lifeboat.store.s3.S3Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.stream.Stream;

/**
 * {@code LocalS3 FOLDER BUCKET [PREFIX]}: an S3 server in this JVM, until standard input ends. With
 * PREFIX, objects whose key begins so are deleted soon after they were stored, for data that no
 * disk here could hold.
 */
public final class LocalS3 {
  private static final int WARM_UP_BYTES = 16 << 20;
  private static final int WARM_UP_OBJECTS = 40;
  private static final Duration EACH = Duration.ofMillis(500);
  private static final Duration LEAST_AGE = Duration.ofSeconds(2);

  private LocalS3() {}

  /** Starts the server and prints its endpoint, access key and secret key on one line. */
  public static void main(String[] args) throws Exception {
    if (args.length != 2 && args.length != 3) {
      throw new IllegalArgumentException("usage: LocalS3 FOLDER BUCKET [PREFIX]");
    }
    Path folder = Path.of(args[0]);
    try (EmbeddedS3 server = EmbeddedS3.inFolder(folder).createBucket(args[1])) {
      if (args.length == 3) {
        Path forgotten = folder.resolve(args[1]).resolve(args[2]);
        Thread.ofPlatform().daemon().start(() -> forget(forgotten));
      }
      warmUp(server.settings(args[1], "warm-up"));
      System.out.println(
          server.endpoint() + " " + EmbeddedS3.ACCESS_KEY + " " + EmbeddedS3.SECRET_KEY);
      while (System.in.read() >= 0) {
        // whoever started it says nothing; the end of the input is the sign to stop
      }
    }
  }

  private static void forget(Path folder) {
    try {
      while (true) {
        Thread.sleep(EACH);
        if (Files.exists(folder)) {
          forgetOnce(folder);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What was written a moment ago may still be written. */
  private static void forgetOnce(Path folder) throws IOException {
    Instant before = Instant.now().minus(LEAST_AGE);
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        if (Files.getLastModifiedTime(path).toInstant().isBefore(before)) {
          Files.delete(path);
        }
      }
    } catch (UncheckedIOException | NoSuchFileException e) {
      return; // something was moved meanwhile; the next look finds it
    }
  }

  /** A server elsewhere would have been running for a while; this one must not be measured cold. */
  private static void warmUp(S3Settings settings) {
    byte[] bytes = new byte[WARM_UP_BYTES];
    new Random(7).nextBytes(bytes);
    try (var store = new S3Store(settings)) {
      for (int i = 0; i < WARM_UP_OBJECTS; i++) {
        store.putIfAbsent("object" + i, new Body.Bytes(bytes));
        store.get("object" + i, 100 << 20);
        store.delete("object" + i);
      }
    }
  }
}
