package io.lifeboat.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import org.junit.jupiter.api.Test;

class HkdfTest {
  /** RFC 5869, appendix A.1. */
  @Test
  void theFirstVectorOfTheRfcHolds() {
    byte[] output =
        Hkdf.SHA256.derive(
            hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
            hex("000102030405060708090a0b0c"),
            hex("f0f1f2f3f4f5f6f7f8f9"),
            42);

    assertThat(output)
        .isEqualTo(
            hex(
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"));
  }

  /** RFC 5869, appendix A.3: no salt, no info. */
  @Test
  void theThirdVectorOfTheRfcHolds() {
    byte[] output =
        Hkdf.SHA256.derive(
            hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), new byte[0], new byte[0], 42);

    assertThat(output)
        .isEqualTo(
            hex(
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"));
  }

  @Test
  void bothHashesAgreeWithThePlatformAtEveryLength() throws GeneralSecurityException {
    Random random = new Random(1);
    for (int length = 1; length <= 200; length++) {
      byte[] key = bytes(random, 20 + length % 70);
      byte[] salt = bytes(random, 1 + length % 130);
      byte[] info = bytes(random, length % 40);
      for (Hkdf hkdf : Hkdf.values()) {
        byte[] expected =
            KDF.getInstance(hkdf == Hkdf.SHA256 ? "HKDF-SHA256" : "HKDF-SHA512")
                .deriveData(
                    HKDFParameterSpec.ofExtract()
                        .addIKM(key)
                        .addSalt(salt)
                        .thenExpand(info, length));
        assertThat(hkdf.derive(key, salt, info, length)).isEqualTo(expected);
      }
    }
  }

  @Test
  void anOutputOfImpossibleLengthIsAMistakeOfTheCaller() {
    byte[] key = new byte[32];
    assertThatIllegalArgumentException().isThrownBy(() -> Hkdf.SHA256.expand(key, key, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Hkdf.SHA256.expand(key, key, 255 * 32 + 1));
    assertThat(Hkdf.SHA512.expand(key, key, 255 * 64)).hasSize(255 * 64);
  }

  private static byte[] bytes(Random random, int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
