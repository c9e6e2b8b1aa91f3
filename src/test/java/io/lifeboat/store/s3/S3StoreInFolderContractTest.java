package io.lifeboat.store.s3;

import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.ObjectStoreContract;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class S3StoreInFolderContractTest extends ObjectStoreContract {
  private static final AtomicInteger BUCKETS = new AtomicInteger();
  @TempDir private static Path folder;
  private static EmbeddedS3 server;

  @BeforeAll
  static void start() throws Exception {
    server = EmbeddedS3.inFolder(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Override
  protected ObjectStore open() {
    String bucket = "bucket-" + BUCKETS.incrementAndGet();
    return new S3Store(server.createBucket(bucket).settings(bucket, ""));
  }
}
