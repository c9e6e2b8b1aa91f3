package io.lifeboat.bench;

import io.lifeboat.store.Body;
import io.lifeboat.store.s3.EmbeddedS3;
import io.lifeboat.store.s3.S3Settings;
import io.lifeboat.store.s3.S3Store;
import java.nio.file.Path;
import java.util.Random;

/** {@code LocalS3 FOLDER BUCKET}: an S3 server in this JVM, until standard input ends. */
public final class LocalS3 {
  private static final int WARM_UP_BYTES = 16 << 20;
  private static final int WARM_UP_OBJECTS = 40;

  private LocalS3() {}

  /** Starts the server and prints its endpoint, access key and secret key on one line. */
  public static void main(String[] args) throws Exception {
    if (args.length != 2) {
      throw new IllegalArgumentException("usage: LocalS3 FOLDER BUCKET");
    }
    try (EmbeddedS3 server = EmbeddedS3.inFolder(Path.of(args[0])).createBucket(args[1])) {
      warmUp(server.settings(args[1], "warm-up"));
      System.out.println(
          server.endpoint() + " " + EmbeddedS3.ACCESS_KEY + " " + EmbeddedS3.SECRET_KEY);
      while (System.in.read() >= 0) {
        // whoever started it says nothing; the end of the input is the sign to stop
      }
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
