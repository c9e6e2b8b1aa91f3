package io.lifeboat.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

public final class WarmUp {
  public static void start() {
    Thread.ofPlatform().name("warm-up").daemon().start(WarmUp::run);
  }

  private static void run() {
    int rounds = Integer.getInteger("wu.rounds", 6000);
    int size = Integer.getInteger("wu.size", 1024);
    byte[] plain = new byte[size];
    byte[] sealed = new byte[size + 16];
    var key = new SecretKeySpec(new byte[32], "AES");
    byte[] nonce = new byte[12];
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      for (int i = 0; i < rounds; i++) {
        nonce[0] = (byte) i;
        nonce[1] = (byte) (i >> 8);
        cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, nonce));
        cipher.doFinal(plain, 0, size, sealed, 0);
        cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, nonce));
        cipher.doFinal(sealed, 0, sealed.length, plain, 0);
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
