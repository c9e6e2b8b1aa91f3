package io.lifeboat.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class Bech32Test {
  private static final String IDENTITY =
      "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR";

  /** From https://c2sp.org/age, section on X25519. */
  @Test
  void theClassicalExampleOfTheSpecificationHolds() {
    X25519Identity identity =
        X25519Identity.parse(
            "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX");

    assertThat(identity.recipient().text())
        .isEqualTo("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj");
  }

  /**
   * From https://c2sp.org/age, section on MLKEM768-X25519: identity, and start and digest of its
   * recipient.
   */
  @Test
  void thePostQuantumExampleOfTheSpecificationHolds() {
    XWingIdentity identity = XWingIdentity.parse(IDENTITY);

    assertThat(identity.secretText()).isEqualTo(IDENTITY);
    assertThat(identity.recipient().text())
        .hasSize(1959)
        .startsWith(
            "age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235jzxshfg87pzf5zrqtzdxz95paef6caq5aap")
        .endsWith("gjtqmwze9pyyzk3tlhl53k2ykx3qheyty7saeq0d3fzv49zc0k");
  }

  @Test
  void everyMistypedCharacterIsNoticed() {
    for (int at = 0; at < IDENTITY.length(); at++) {
      for (char typed : "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789- äa".toCharArray()) {
        String text = IDENTITY.substring(0, at) + typed + IDENTITY.substring(at + 1);
        if (!text.equals(IDENTITY)) {
          assertRefused(text);
        }
      }
    }
  }

  @Test
  void everyMissingDoubledOrExchangedCharacterIsNoticed() {
    for (int at = 0; at < IDENTITY.length(); at++) {
      assertRefused(IDENTITY.substring(0, at) + IDENTITY.substring(at + 1));
      assertRefused(IDENTITY.substring(0, at) + IDENTITY.charAt(at) + IDENTITY.substring(at));
      if (at > 0 && IDENTITY.charAt(at) != IDENTITY.charAt(at - 1)) {
        assertRefused(
            IDENTITY.substring(0, at - 1)
                + IDENTITY.charAt(at)
                + IDENTITY.charAt(at - 1)
                + IDENTITY.substring(at + 1));
      }
    }
  }

  @Test
  void theOtherLetterCaseIsNotAccepted() {
    assertRefused(IDENTITY.toLowerCase(Locale.ROOT));
  }

  @Test
  void dataOfAnySizeIsReadBack() {
    SecureRandom random = new SecureRandom();
    for (int size = 0; size < 70; size++) {
      byte[] data = new byte[size];
      random.nextBytes(data);
      assertThat(Bech32.decode("x-", Bech32.encode("x-", data), size)).isEqualTo(data);
    }
    // An example of BIP 173: no data.
    assertThat(Bech32.encode("a", new byte[0])).isEqualTo("a12uel5l");
    assertThat(HexFormat.of().formatHex(Bech32.decode("A", "A12UEL5L", 0))).isEmpty();
  }

  private static void assertRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> XWingIdentity.parse(text))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain(IDENTITY.substring(30)));
  }
}
