package io.lifeboat.bench;

import io.lifeboat.store.Body;
import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.PutOutcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A store for backups that no disk here could hold: of a pack it checks that the bytes have the
 * hash that is the pack's name, counts them, and lets them go. All other objects are kept.
 */
final class WeighingStore extends ForwardingStore {
  private static final String PACKS = "p/";

  private final AtomicLong packs = new AtomicLong();
  private final AtomicLong packBytes = new AtomicLong();

  WeighingStore() {
    super(new InMemoryStore());
  }

  /** How many packs were stored. */
  long packs() {
    return packs.get();
  }

  /** How many bytes they had. */
  long packBytes() {
    return packBytes.get();
  }

  @Override
  public PutOutcome putIfAbsent(String name, Body body) {
    if (!name.startsWith(PACKS)) {
      return super.putIfAbsent(name, body);
    }
    String hash = HexFormat.of().formatHex(sha256(body));
    if (!name.endsWith("/" + hash)) {
      throw new IllegalStateException("The object " + name + " has the hash " + hash);
    }
    packs.incrementAndGet();
    packBytes.addAndGet(body.sizeBytes());
    return PutOutcome.CREATED;
  }

  private static byte[] sha256(Body body) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      switch (body) {
        case Body.Bytes bytes -> digest.update(bytes.bytes());
        case Body.SpooledFile file -> {
          byte[] block = new byte[256 << 10];
          try (InputStream in = Files.newInputStream(file.path())) {
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
              digest.update(block, 0, n);
            }
          }
        }
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String describe() {
    return "a store that weighs packs";
  }
}
