package io.lifeboat.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgeFilesTest {
  private static final byte[] PLAINTEXT =
      "two keys of 32 bytes each".getBytes(StandardCharsets.US_ASCII);

  private final SecureRandom random = new SecureRandom();
  private final AgeFiles ageFiles = new AgeFiles(random);
  private final XWingIdentity one = XWingIdentity.generate(random);
  private final XWingIdentity two = XWingIdentity.generate(random);
  private final X25519Identity classical = X25519Identity.generate(random);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 64, 65535, 65536, 65537, 131072, 200_000})
  void whatIsEncryptedDecryptsToTheSameBytes(int size) {
    byte[] plaintext = new byte[size];
    new Random(size).nextBytes(plaintext);

    assertThat(
            ageFiles.decrypt(List.of(one), ageFiles.encrypt(List.of(one.recipient()), plaintext)))
        .isEqualTo(plaintext);
    assertThat(
            ageFiles.decrypt(
                List.of(classical), ageFiles.encrypt(List.of(classical.recipient()), plaintext)))
        .isEqualTo(plaintext);
  }

  @Test
  void eachRecipientReadsTheFileAlone() {
    byte[] file = ageFiles.encrypt(List.of(one.recipient(), two.recipient()), PLAINTEXT);

    assertThat(ageFiles.decrypt(List.of(one), file)).isEqualTo(PLAINTEXT);
    assertThat(ageFiles.decrypt(List.of(two), file)).isEqualTo(PLAINTEXT);
    assertThat(ageFiles.decrypt(List.of(classical, XWingIdentity.generate(random), two), file))
        .isEqualTo(PLAINTEXT);
  }

  @Test
  void whoeverIsNoRecipientIsToldThatTheKeyDoesNotFit() {
    byte[] file = ageFiles.encrypt(List.of(one.recipient()), PLAINTEXT);

    assertRefused(ErrorCode.KEY_MISMATCH, List.of(two), file);
    assertRefused(ErrorCode.KEY_MISMATCH, List.of(classical), file);
    assertRefused(ErrorCode.KEY_MISMATCH, List.of(), file);
  }

  @Test
  void postQuantumAndClassicalRecipientsAreNotMixed() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ageFiles.encrypt(List.of(one.recipient(), classical.recipient()), PLAINTEXT));
    assertThatIllegalArgumentException().isThrownBy(() -> ageFiles.encrypt(List.of(), PLAINTEXT));
  }

  @Test
  void changingAnyByteOfAFileIsNoticed() {
    byte[] file = ageFiles.encrypt(List.of(classical.recipient()), PLAINTEXT);
    for (int at = 0; at < file.length; at++) {
      for (int mask : new int[] {0x01, 0x20, 0x80}) {
        byte[] changed = file.clone();
        changed[at] ^= (byte) mask;
        assertUnreadable(classical, changed);
      }
    }
  }

  @Test
  void changingAByteOfAPostQuantumFileIsNoticed() {
    byte[] file = ageFiles.encrypt(List.of(one.recipient()), PLAINTEXT);
    for (int at = 0; at < file.length; at += 7) {
      byte[] changed = file.clone();
      changed[at] ^= 0x01;
      assertUnreadable(one, changed);
    }
  }

  @Test
  void cuttingOrExtendingAFileIsNoticed() {
    byte[] file = ageFiles.encrypt(List.of(classical.recipient()), PLAINTEXT);
    for (int length = 0; length < file.length; length++) {
      assertUnreadable(classical, Arrays.copyOf(file, length));
    }
    for (int extra = 1; extra < 40; extra++) {
      assertUnreadable(classical, Arrays.copyOf(file, file.length + extra));
    }
  }

  @Test
  void base64HasOneFormOnly() {
    String canonical = AgeBase64.encode(new byte[32]);

    assertThat(AgeBase64.decode(canonical)).isEqualTo(new byte[32]);
    for (String text :
        List.of(
            canonical.substring(0, 42) + "B",
            canonical + "=",
            canonical + "\n",
            canonical.replace('A', '-'))) {
      assertThatThrownBy(() -> AgeBase64.decode(text))
          .isInstanceOfSatisfying(
              LifeboatException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.OBJECT_DAMAGED));
    }
  }

  @Test
  void anEmptyLastChunkIsRefusedWhereItIsNotTheOnlyOne() {
    byte[] fileKey = new byte[AgeStanza.FILE_KEY_BYTES];
    byte[] nonce = new byte[AgePayload.NONCE_BYTES];
    byte[] key =
        Hkdf.SHA256.derive(fileKey, nonce, "payload".getBytes(StandardCharsets.US_ASCII), 32);
    byte[] full = new byte[65536];
    byte[] lastNonce = new byte[12];
    lastNonce[10] = 1;
    lastNonce[11] = 1;
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    payload.writeBytes(nonce);
    payload.writeBytes(ChaCha20Poly1305.seal(key, new byte[12], full, 0, full.length));
    payload.writeBytes(ChaCha20Poly1305.seal(key, lastNonce, full, 0, 0));

    assertThatThrownBy(() -> AgePayload.open(fileKey, payload.toByteArray(), 0))
        .hasMessageContaining("empty chunk");
  }

  @Test
  void theStanzaInTheSpecificationOpens() {
    String enc =
        "U7E10Aon27j1oDrH7fP3B++SPROSnDVvQpBemzOM+ZcsojxJifUbeeYWejMYKNB+H3rlXNvgtDKfSCkt78oqncr3faY1JtMj0GQPBZ2g6t8o1cMzZgyLMepeVuTQKxLqnM6L48n8dJL2y0N3i7WSOV6csB79r9tcIs88Al9iCwVLpt74OzDXAIwD1QlCAvj75ZEnwtgP6Xr6s+wHg9hLD0OSSQOaTdCqzR5shQWyrjVs7GCqd/5WbNGYNaolPQJBu9wTNhHjP9XGCTv8iKXkYwXDYujInkF5hOjpCHE8Vu+9UeMI+l0GJAEervT51bwaf288GiqgapP5g4HF8V4P0+03B/SwXhvxxZpKjTU2OcFS8I9chtEZ7Ucw5bvPkC1lyjNnqQXZyc4JnAqbFQTlPGnwbEsm0UGE+v0FOxTBznIivHoPHV++5PuYpombiV/lfYy8BFx0Hk1igNI3iLNjlIg4MLXNWjN3VROlXIiSsWNXjr/Frh/OE87PXoaKhsDPWfv6akd9PxSDqJMQ4j8k11kCSOnnU8Rw4TSVnTpt7gfYzBULrMr7qDgyH/TYvp0o7mAq4IaraFJmTqm+LjfAJT4PCQOpnMNRHLyXZn6mtMUujNv7+zR/I9Vqi+bJdQBwNWdJcUQVarqx2zxV2rM7l+j0gsmxjxp5yAPyALzla7XzVvbboLMnHeM+CzN4GoB2PC4neVDSw7Dfs8vbm7f9CeDGvhjWrzcSCOsUCalvH1WkbpE0b9cE/TSJqwXFXEc8npTSQWH58RXDALNF3qCbW5LaboD4wCloClEakgljT0s0mTdqIwzj4xtdlX0S2dCtaV5MHQJiQHGwPvBSCiIsh8ZWJPwZ7Ron7xoWgNI0lXRqhKm7fvFNCzF+Ray2kOyKWHbsMy3a5Zx3yZxCGFwexAxgYfAH9HJ1raHi1XYGpNpBlDXg47U1y4uU7RBeBb4ewETv/B/p8sGW88tIY87dHM2xHjnntGXLvkCIkmjXGNULAVYHxDPJTygxSF7uTVPYCBUk5KeLnDVcgWF8p/wxigza47ptMtpVtm9ZrSEu9vzOnaTN3KO75RkkLuZszhXfmMZ46NQrdS7Y6duCiN501BnR5BUC4dX4iMxchix6aLN3pKv6UOEwwcx2aSF4Ib963MAtTPEjhqe+dt0VcTar/08uLWv1kQQueFaEGet4KQ975ZqaoU3PmZH9gqTOumX1EKf0Pnl0F3NMW+lEOlnCEce99zHBwBf7LV0pLNLDONBxpQySrZUQsNfhAq2Ktf5nG2hcGAMFMWIsEOuOyzEe+l2aHW4/ojOjU1Oqy4TLzVVRlWmPxQde7qKbvBN7CQhDqJHJA2nphQT/4DOdLqkwRiauMmnfx9FI3+hYnX25NpnyvM/Pt94vpsRkhcuttu4/G4xOYTNQd2YWjGwhypZ0oPSiriuTbhj6y2qm33jiwxvegeDz8CmAIhOEY2JoVpjjX9XzuNR2f5KTLmLzEkOcJQ";
    AgeStanza stanza =
        new AgeStanza(
            List.of("mlkem768x25519", enc),
            AgeBase64.decode("c/k+TjhBA6Je1DF8rxZhe2Jm8CN0zbkV9rre6nA8g98"));
    XWingIdentity identity =
        XWingIdentity.parse(
            "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR");

    assertThat(stanza.unwrap(identity))
        .hasValueSatisfying(
            key -> assertThat(key).asHexString().isEqualTo("DF56F61C8E496609C18D25C197451803"));
  }

  private void assertUnreadable(Identity identity, byte[] file) {
    assertThatThrownBy(() -> ageFiles.decrypt(List.of(identity), file))
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> assertThat(e.code()).isIn(ErrorCode.OBJECT_DAMAGED, ErrorCode.KEY_MISMATCH));
  }

  private void assertRefused(ErrorCode code, List<? extends Identity> identities, byte[] file) {
    assertThatThrownBy(() -> ageFiles.decrypt(identities, file))
        .isInstanceOfSatisfying(LifeboatException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
