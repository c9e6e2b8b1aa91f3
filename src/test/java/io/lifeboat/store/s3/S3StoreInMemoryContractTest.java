package io.lifeboat.store.s3;

import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.ObjectStoreContract;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class S3StoreInMemoryContractTest extends ObjectStoreContract {
  private static final AtomicInteger BUCKETS = new AtomicInteger();
  private static EmbeddedS3 server;

  @BeforeAll
  static void start() throws Exception {
    server = EmbeddedS3.inMemory();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Override
  protected ObjectStore open() {
    String bucket = "bucket-" + BUCKETS.incrementAndGet();
    return new S3Store(server.createBucket(bucket).settings(bucket, "prod/primary"));
  }
}
