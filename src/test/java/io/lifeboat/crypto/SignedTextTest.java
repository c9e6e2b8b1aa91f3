package io.lifeboat.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class SignedTextTest {
  private static final String PAYLOAD = "{\"n\":7,\"source\":\"Läden ✓\"}";

  private final SigningKey key = SigningKey.generate(new SecureRandom());
  private final byte[] document = SignedText.sign("log-entry", PAYLOAD, key);

  @Test
  void aSignedDocumentIsReadAndVerified() {
    SignedText.Parsed parsed = SignedText.parse(document);

    assertThat(parsed.payload()).isEqualTo(PAYLOAD);
    assertThat(parsed.keyId()).isEqualTo(key.verifyKey().id());
    assertThat(parsed.verify("log-entry", key.verifyKey())).isTrue();
    assertThat(new String(document, StandardCharsets.UTF_8))
        .matches("\\{.*}\ned25519 [0-9a-f]{16} [0-9a-f]{128}\n");
  }

  @Test
  void aSignatureCountsOnlyForItsPurposeAndItsKey() {
    SignedText.Parsed parsed = SignedText.parse(document);

    assertThat(parsed.verify("format", key.verifyKey())).isFalse();
    assertThat(parsed.verify("log-entry", SigningKey.generate(new SecureRandom()).verifyKey()))
        .isFalse();
  }

  @Test
  void everyChangeOfAByteIsNoticed() {
    for (int at = 0; at < document.length; at++) {
      for (int value = 0; value < 256; value++) {
        byte[] changed = document.clone();
        changed[at] = (byte) value;
        if (changed[at] != document[at]) {
          assertThat(accepted(changed)).as("byte %d set to %d", at, value).isFalse();
        }
      }
    }
  }

  @Test
  void everyCutAndEveryInsertionIsNoticed() {
    for (int length = 0; length < document.length; length++) {
      assertThat(accepted(Arrays.copyOf(document, length))).isFalse();
    }
    for (int at = 0; at <= document.length; at++) {
      for (char inserted : new char[] {'\n', '\r', ' ', '0', 'a', '\0'}) {
        byte[] changed = new byte[document.length + 1];
        System.arraycopy(document, 0, changed, 0, at);
        changed[at] = (byte) inserted;
        System.arraycopy(document, at, changed, at + 1, document.length - at);
        assertThat(accepted(changed)).as("%d inserted at %d", (int) inserted, at).isFalse();
      }
    }
  }

  @Test
  void upperCaseHexadecimalIsRefused() {
    String text = new String(document, StandardCharsets.UTF_8);
    String signature = text.substring(text.indexOf("\ned25519 ") + 9);
    byte[] changed =
        text.replace(signature, signature.toUpperCase(Locale.ROOT))
            .getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> SignedText.parse(changed))
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OBJECT_DAMAGED));
  }

  @Test
  void onlyOneLineOfWellFormedTextCanBeSigned() {
    for (String payload : new String[] {"", "two\nlines", "half a pair \ud800"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SignedText.sign("format", payload, key));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SignedText.sign("Not a purpose", "text", key));
  }

  private boolean accepted(byte[] bytes) {
    try {
      return SignedText.parse(bytes).verify("log-entry", key.verifyKey());
    } catch (LifeboatException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.OBJECT_DAMAGED);
      return false;
    }
  }
}
