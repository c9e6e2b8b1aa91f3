package io.lifeboat.bench;

import io.lifeboat.store.s3.EmbeddedS3;
import java.nio.file.Path;

/** {@code LocalS3 FOLDER BUCKET}: an S3 server in this JVM, until standard input ends. */
public final class LocalS3 {
  private LocalS3() {}

  /** Starts the server and prints its endpoint, access key and secret key on one line. */
  public static void main(String[] args) throws Exception {
    if (args.length != 2) {
      throw new IllegalArgumentException("usage: LocalS3 FOLDER BUCKET");
    }
    try (EmbeddedS3 server = EmbeddedS3.inFolder(Path.of(args[0])).createBucket(args[1])) {
      System.out.println(
          server.endpoint() + " " + EmbeddedS3.ACCESS_KEY + " " + EmbeddedS3.SECRET_KEY);
      while (System.in.read() >= 0) {
        // whoever started it says nothing; the end of the input is the sign to stop
      }
    }
  }
}
