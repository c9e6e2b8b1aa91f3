package io.lifeboat.crypto;

import java.security.GeneralSecurityException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes the JVM compile AES-GCM while a command has not much to do yet. Before that a core seals
 * some tens of megabytes a second, afterwards thousands; left to itself the JVM decides so after
 * the first 80 MB of real data. Short messages serve as well as long ones: what counts is how
 * often.
 */
public final class CipherWarmUp {
  private static final int ROUNDS = 6000;
  private static final int MESSAGE_BYTES = 64;
  private static final int TAG_BYTES = 16;
  private static final int NONCE_BYTES = 12;

  private static final AtomicBoolean STARTED = new AtomicBoolean();

  private CipherWarmUp() {}

  /** Starts, once in each JVM, a thread that ends by itself after a fifth of a second of work. */
  public static void start() {
    if (STARTED.compareAndSet(false, true)) {
      Thread.ofPlatform().name("cipher-warm-up").daemon().start(CipherWarmUp::run);
    }
  }

  private static void run() {
    byte[] plain = new byte[MESSAGE_BYTES];
    byte[] sealed = new byte[MESSAGE_BYTES + TAG_BYTES];
    byte[] nonce = new byte[NONCE_BYTES];
    var key = new SecretKeySpec(new byte[MessageSealer.KEY_BYTES], "AES");
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      for (int round = 0; round < ROUNDS; round++) {
        // The JDK refuses to encrypt twice under one nonce, whatever the key is for.
        nonce[0] = (byte) round;
        nonce[1] = (byte) (round >> 8);
        var parameters = new GCMParameterSpec(8 * TAG_BYTES, nonce);
        cipher.init(Cipher.ENCRYPT_MODE, key, parameters);
        cipher.doFinal(plain, 0, plain.length, sealed, 0);
        cipher.init(Cipher.DECRYPT_MODE, key, parameters);
        cipher.doFinal(sealed, 0, sealed.length, plain, 0);
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-256-GCM failed", e);
    }
  }
}
