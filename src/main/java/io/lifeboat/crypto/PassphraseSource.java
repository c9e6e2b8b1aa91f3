package io.lifeboat.crypto;

import io.lifeboat.error.PermanentException;

/** Whoever knows the passphrase that protects a recovery kit. */
@FunctionalInterface
public interface PassphraseSource {
  /**
   * The passphrase.
   *
   * @param file the protected file, for whoever is asked
   * @throws PermanentException with code {@code RECOVERY_IDENTITY_MISSING} if nobody can be asked
   */
  String ask(String file);
}
