package io.lifeboat.store.s3;

import io.lifeboat.config.Secret;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import software.amazon.awssdk.services.s3.model.BucketAlreadyOwnedByYouException;

/**
 * An S3 server in this JVM, on loopback, that checks signatures and honours conditional puts. For
 * tests and the demo; objects of up to 256 MiB.
 */
public final class EmbeddedS3 implements AutoCloseable {
  /** The access key it knows. */
  public static final String ACCESS_KEY = "lifeboat-access";

  /** The secret key that goes with it. */
  public static final String SECRET_KEY = "lifeboat-secret-0123456789";

  private static final long LARGEST_BODY_BYTES = 256L * 1024 * 1024;
  private static final int MOST_THREADS = 96;

  private final BlobStore objects;
  private final S3Proxy server;

  private EmbeddedS3(BlobStore objects, int port) {
    this.objects = objects;
    this.server =
        S3Proxy.builder()
            .blobStore(objects)
            .endpoint(URI.create("http://127.0.0.1:" + port))
            .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET_KEY)
            .v4MaxNonChunkedRequestSize(LARGEST_BODY_BYTES)
            .jettyMaxThreads(MOST_THREADS)
            .stopTimeout(0)
            .build();
  }

  /** Starts a server, on a free port, that forgets everything when it is closed. */
  public static EmbeddedS3 inMemory() throws Exception {
    return start(new TransientNio2BlobStore(), 0);
  }

  /**
   * Starts a server, on a free port, that keeps its objects in a folder; a bucket is a folder
   * there.
   */
  public static EmbeddedS3 inFolder(Path folder) throws Exception {
    return inFolder(folder, 0);
  }

  /** Starts a server that keeps its objects in a folder; port 0 is any free one. */
  public static EmbeddedS3 inFolder(Path folder, int port) throws Exception {
    Files.createDirectories(folder);
    return start(new FilesystemNio2BlobStore(folder.toAbsolutePath().toString()), port);
  }

  private static EmbeddedS3 start(BlobStore objects, int port) throws Exception {
    var server = new EmbeddedS3(objects, port);
    server.server.start();
    return server;
  }

  /** Where it listens. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getPort());
  }

  /** Creates a bucket unless it is there. */
  public EmbeddedS3 createBucket(String bucket) {
    if (!objects.containerExists(bucket)) {
      try {
        objects.createContainer(bucket);
      } catch (BucketAlreadyOwnedByYouException e) {
        return this; // somebody else was quicker
      }
    }
    return this;
  }

  /** How a store reaches a bucket of this server. */
  public S3Settings settings(String bucket, String prefix) {
    return new S3Settings(
        Optional.of(endpoint()),
        "us-east-1",
        bucket,
        prefix,
        true,
        Optional.of(new S3Settings.Credentials(new Secret(ACCESS_KEY), new Secret(SECRET_KEY))));
  }

  @Override
  public void close() throws Exception {
    server.stop();
    objects.close();
  }
}
