package io.lifeboat.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.bouncycastle.crypto.prng.FixedSecureRandom;
import org.bouncycastle.pqc.crypto.xwing.XWingKEMExtractor;
import org.bouncycastle.pqc.crypto.xwing.XWingPrivateKeyParameters;
import org.junit.jupiter.api.Test;

/**
 * The first test vector of draft-connolly-cfrg-xwing-kem-08, appendix C. Of the long values both
 * ends are compared: the shared secret hangs on every bit between.
 */
class XWingVectorTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final String SEED =
      "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26";
  private static final String ENCAPSULATION_SEED =
      "3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e2"
          + "35b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2";

  private final XWingIdentity identity =
      XWingIdentity.parse(
          "AGE-SECRET-KEY-PQ-107WZHF8G37P86CTQG4G8VPV98MTNHQYN7MHMEZ8TRFH2E7NXAUNQSTZN4F");

  @Test
  void theSeedYieldsThePublicKey() {
    assertThat(XWingIdentity.generate(new FixedSecureRandom(HEX.parseHex(SEED))))
        .isEqualTo(identity);
    assertThat(HEX.formatHex(identity.recipient().publicKey()))
        .startsWith("e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5b19cfc3d")
        .endsWith("eff389b27dce59844570216223593d4ba32d9abac8cd049040ef6534");
  }

  @Test
  void whatHpkeSendsIsTheCiphertextOfTheVectorAndHoldsItsSharedSecret() {
    var random = new FixedSecureRandom(HEX.parseHex(ENCAPSULATION_SEED));

    byte[] encapsulation =
        XWingHpke.seal(random, identity.recipient(), new byte[0], new byte[0]).encapsulation();

    assertThat(HEX.formatHex(encapsulation))
        .startsWith("b83aa828d4d62b9a83ceffe1d3d3bb1ef31264643c070c5798927e41fb07914a273f8f96")
        .endsWith(
            "7f31ed6f7cb1600de56f17576740ce2a32fc5145030145cfb97e63e0e41d354274a079d3e6fb2e15");
    var extractor =
        new XWingKEMExtractor((XWingPrivateKeyParameters) identity.keyPair().getPrivate());
    assertThat(HEX.formatHex(extractor.extractSecret(encapsulation)))
        .isEqualTo("d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384");
  }
}
