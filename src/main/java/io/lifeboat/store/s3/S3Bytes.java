package io.lifeboat.store.s3;

import static java.util.Objects.requireNonNullElse;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.Body;
import io.lifeboat.store.TooLong;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Bodies to and from the SDK without copies: an object has tens of megabytes, and many are under
 * way at once.
 */
final class S3Bytes {
  private static final String BINARY = "application/octet-stream";
  private static final int SLICE_BYTES = 256 * 1024;

  private S3Bytes() {}

  /** What a request sends; can be read again, as signing and sending both do. */
  static RequestBody content(Body body) {
    return switch (body) {
      case Body.Bytes bytes ->
          RequestBody.fromContentProvider(
              ContentStreamProvider.fromByteArrayUnsafe(bytes.bytes()), body.sizeBytes(), BINARY);
      case Body.SpooledFile file -> {
        requireSize(file);
        yield RequestBody.fromFile(file.path());
      }
    };
  }

  /**
   * Collects an answer. One that ends early is an error, which the caller takes for a broken
   * connection; of one that is longer than the reader can use, the connection is cut.
   */
  static ResponseTransformer<GetObjectResponse, byte[]> toArray(String name, long mostBytes) {
    return (answer, in) -> {
      if (answer.contentLength() > mostBytes) {
        in.abort(); // or closing it would read on
      }
      TooLong.refuse(name, answer.contentLength(), mostBytes);
      byte[] bytes = new byte[Math.toIntExact(answer.contentLength())];
      int read = in.readNBytes(bytes, 0, bytes.length);
      if (read < bytes.length) {
        throw new EOFException("the answer ended after " + read + " of " + bytes.length + " bytes");
      }
      return bytes;
    };
  }

  /** Whether a stored object has the body's bytes. */
  static boolean equal(byte[] stored, Body body) {
    return switch (body) {
      case Body.Bytes bytes -> Arrays.equals(stored, bytes.bytes());
      case Body.SpooledFile file -> {
        try {
          yield equal(stored, file);
        } catch (IOException e) {
          throw unreadable(file, e);
        }
      }
    };
  }

  private static boolean equal(byte[] stored, Body.SpooledFile file) throws IOException {
    byte[] slice = new byte[SLICE_BYTES];
    try (var in = Files.newInputStream(file.path())) {
      for (int done = 0; done < stored.length; ) {
        int read = in.read(slice);
        if (read < 0 || read > stored.length - done) {
          return false;
        }
        if (!Arrays.equals(stored, done, done + read, slice, 0, read)) {
          return false;
        }
        done += read;
      }
      return in.read() < 0;
    }
  }

  /** The digest of a body, as the header Content-MD5 has it. */
  static String md5(Body body) {
    try {
      var digest = MessageDigest.getInstance("MD5");
      switch (body) {
        case Body.Bytes bytes -> digest.update(bytes.bytes());
        case Body.SpooledFile file -> update(digest, file);
      }
      return Base64.getEncoder().encodeToString(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has MD5", e);
    }
  }

  private static void update(MessageDigest digest, Body.SpooledFile file) {
    byte[] slice = new byte[SLICE_BYTES];
    try (var in = Files.newInputStream(file.path())) {
      for (int read = in.read(slice); read >= 0; read = in.read(slice)) {
        digest.update(slice, 0, read);
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static void requireSize(Body.SpooledFile file) {
    try {
      long actualBytes = Files.size(file.path());
      if (actualBytes != file.sizeBytes()) {
        throw new IOException("it has " + actualBytes + " bytes, not " + file.sizeBytes());
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static PermanentException unreadable(Body.SpooledFile file, IOException cause) {
    return new PermanentException(
        ErrorCode.IO_FAILED,
        "Cannot read the spooled file "
            + file.path()
            + ": "
            + requireNonNullElse(cause.getMessage(), cause.toString()),
        "Check the disk of the spool folder, and that nothing else removes files there.",
        cause);
  }
}
