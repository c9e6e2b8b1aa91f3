package io.lifeboat.store.folder;

import io.lifeboat.store.Body;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

/** A process that puts objects until it is killed, and says each that was acknowledged. */
final class PutLoop {
  private static final int DIGEST_BYTES = 32;
  private static final int LARGEST_BYTES = 3_000_000;

  private PutLoop() {}

  public static void main(String[] args) throws Exception {
    Path spool = Files.createDirectories(Path.of(args[1]));
    var random = new Random(Long.parseLong(args[2]));
    try (var store = new FolderStore(Path.of(args[0]))) {
      for (int n = 0; ; n++) {
        byte[] object = object(random);
        String name = "p/d/%02x/%s-%d".formatted(n % 7, args[2], n);
        if (n % 2 == 0) {
          store.putIfAbsent(name, new Body.Bytes(object));
        } else {
          Path file = Files.write(spool.resolve("spooled-" + n), object);
          store.putIfAbsent(name, new Body.SpooledFile(file, object.length));
          Files.delete(file);
        }
        System.out.println(name);
      }
    }
  }

  private static byte[] object(Random random) throws Exception {
    byte[] contents = new byte[random.nextInt(LARGEST_BYTES)];
    random.nextBytes(contents);
    byte[] object = Arrays.copyOf(sha256(contents, 0), DIGEST_BYTES + contents.length);
    System.arraycopy(contents, 0, object, DIGEST_BYTES, contents.length);
    return object;
  }

  /** Whether an object has all the bytes that it was made of. */
  static boolean isWhole(byte[] object) throws Exception {
    return object.length >= DIGEST_BYTES
        && HexFormat.of()
            .formatHex(object, 0, DIGEST_BYTES)
            .equals(HexFormat.of().formatHex(sha256(object, DIGEST_BYTES)));
  }

  private static byte[] sha256(byte[] bytes, int from) throws Exception {
    var digest = MessageDigest.getInstance("SHA-256");
    digest.update(bytes, from, bytes.length - from);
    return digest.digest();
  }
}
