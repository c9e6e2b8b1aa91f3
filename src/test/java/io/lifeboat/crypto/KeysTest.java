package io.lifeboat.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The golden values were made with Python's cryptography and hmac modules from the text of our
 * Javadoc.
 */
class KeysTest {
  private static final byte[] SEQUENCE =
      HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

  @Test
  void aDomainKeyYieldsTheKeysOfTheFormat() {
    DomainKey key = new DomainKey(SEQUENCE);

    assertThat(hex(key.chunkIdKey()))
        .isEqualTo("0623328b1f3a6c674bb889b55e31a29fce36384e3ddde7bf212fceb7c86c1510");
    assertThat(hex(key.chunkerSecret()))
        .isEqualTo("4f33b208f5f53a94bb2dad0b4edf69d8d1425b39a9816208e158098bf16a0b7d");
    assertThat(hex(key.indexKey()))
        .isEqualTo("eeb3e4f36324afc535e560207f7fc1517735b90a6c9d0019dd10ba8abf8b02d7");
    assertThat(hex(key.summaryKey()))
        .isEqualTo("392f3b1a7db85544e5306561467191bdae4d7105ce3f234c52c2b802fae533b7");
    assertThat(hex(key.cacheKey()))
        .isEqualTo("842bb7ef2e37d8513eed3142dea9cc27fb532a5fd099340fe16dcaf1bb846300");
    assertThat(hex(key.domainId())).isEqualTo("c249056a8830897e0d61e7d76c6debb0");
    assertThat(key.secretBytes()).isEqualTo(SEQUENCE);
  }

  @Test
  void aDomainRootYieldsAKeyForEachRepositoryAndSource() {
    DomainRoot root = DomainRoot.parse(Bech32.encode(DomainRoot.PREFIX, SEQUENCE));

    assertThat(hex(root.domainKey("repo", "shop").secretBytes()))
        .isEqualTo("0c39962a6a48114dcb7b947e050002301922cf0df67223a129e19664323f4283");
    assertThat(Stream.of("a/bc", "ab/c", "a/b", "b/a").map(name -> name.split("/")))
        .extracting(names -> hex(root.domainKey(names[0], names[1]).domainId()))
        .doesNotHaveDuplicates();
    assertThatIllegalArgumentException().isThrownBy(() -> root.domainKey("repo", ""));
    assertThatIllegalArgumentException().isThrownBy(() -> root.domainKey("re\0po", "shop"));
  }

  @Test
  void aChunkIdIsTheHmacOfTheContents() {
    ChunkIds ids = new ChunkIds(SEQUENCE);
    byte[] text = ">>hello world<<".getBytes(StandardCharsets.US_ASCII);

    assertThat(hex(ids.id(text, 2, 11)))
        .isEqualTo("411b9a51e8565e1fc79643b2a6c4672f4a3c3e573c33d0995a08748cb6128e8e");
    assertThat(new ChunkIds(new byte[32]).id(text, 2, 11)).isNotEqualTo(ids.id(text, 2, 11));
  }

  @Test
  void manyThreadsMayShareOneSourceOfChunkIds() {
    ChunkIds ids = new ChunkIds(SEQUENCE);
    byte[] chunk = new byte[10_000];
    byte[] expected = ids.id(chunk, 0, chunk.length);

    assertThat(
            IntStream.range(0, 2_000)
                .parallel()
                .allMatch(i -> Arrays.equals(ids.id(chunk, 0, chunk.length), expected)))
        .isTrue();
  }

  /** RFC 8032, section 7.1, tests 1 to 3. */
  @Test
  void signaturesAreThoseOfTheRfc() {
    List<List<String>> vectors =
        List.of(
            List.of(
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                    + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
            List.of(
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                    + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
            List.of(
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                    + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"));
    for (List<String> vector : vectors) {
      SigningKey key = SigningKey.ofSeed(HexFormat.of().parseHex(vector.get(0)));
      byte[] message = HexFormat.of().parseHex(vector.get(2));
      assertThat(hex(key.verifyKey().bytes())).isEqualTo(vector.get(1));
      assertThat(hex(key.sign(message))).isEqualTo(vector.get(3));
      assertThat(key.verifyKey().verify(message, key.sign(message))).isTrue();
    }
  }

  @Test
  void aSignatureHasOnlyOneAcceptedForm() {
    SigningKey key = SigningKey.ofSeed(SEQUENCE);
    byte[] message = "message".getBytes(StandardCharsets.US_ASCII);
    byte[] signature = key.sign(message);

    // The classic forgery: the second half plus the order of the group verifies in lax
    // implementations.
    byte[] malleable = signature.clone();
    byte[] bigEndian = reversed(Arrays.copyOfRange(signature, 32, 64));
    BigInteger order =
        new BigInteger(
            "7237005577332262213973186563042994240857116359379907606001950938285454250989");
    byte[] sum = new BigInteger(1, bigEndian).add(order).toByteArray();
    byte[] littleEndian = Arrays.copyOf(reversed(sum), 32);
    System.arraycopy(littleEndian, 0, malleable, 32, 32);

    assertThat(key.verifyKey().verify(message, signature)).isTrue();
    assertThat(key.verifyKey().verify(message, malleable)).isFalse();
    assertThat(key.verifyKey().verify(message, Arrays.copyOf(signature, 63))).isFalse();
    assertThat(key.verifyKey().verify(message, Arrays.copyOf(signature, 65))).isFalse();
  }

  @Test
  void whatIsNoProperPublicKeyIsRefused() {
    byte[] identityPoint = new byte[32];
    identityPoint[0] = 1;
    byte[] notReduced = new byte[32];
    Arrays.fill(notReduced, (byte) 0xff);
    for (byte[] bytes : List.of(identityPoint, notReduced, new byte[32], new byte[31])) {
      assertThatIllegalArgumentException().isThrownBy(() -> new VerifyKey(bytes));
    }

    byte[] xWing = XWingIdentity.generate(new SecureRandom()).recipient().publicKey();
    byte[] outOfRange = xWing.clone();
    Arrays.fill(outOfRange, 0, 100, (byte) 0xff);
    byte[] lowOrder = xWing.clone();
    Arrays.fill(lowOrder, 1184, 1216, (byte) 0);
    for (byte[] bytes : List.of(outOfRange, lowOrder, new byte[1215])) {
      assertThatIllegalArgumentException().isThrownBy(() -> new XWingRecipient(bytes));
    }
  }

  @Test
  void everyKeyIsReadBackFromItsText() {
    SecureRandom random = new SecureRandom();
    SigningKey signing = SigningKey.generate(random);
    XWingIdentity xWing = XWingIdentity.generate(random);
    X25519Identity x25519 = X25519Identity.generate(random);
    DomainRoot root = DomainRoot.generate(random);

    assertThat(SigningKey.parse(signing.secretText()))
        .isEqualTo(signing)
        .hasSameHashCodeAs(signing);
    assertThat(VerifyKey.parse(signing.verifyKey().text())).isEqualTo(signing.verifyKey());
    assertThat(XWingIdentity.parse(xWing.secretText())).isEqualTo(xWing).hasSameHashCodeAs(xWing);
    assertThat(XWingRecipient.parse(xWing.recipient().text())).isEqualTo(xWing.recipient());
    assertThat(X25519Identity.parse(x25519.secretText()))
        .isEqualTo(x25519)
        .hasSameHashCodeAs(x25519);
    assertThat(X25519Recipient.parse(x25519.recipient().text())).isEqualTo(x25519.recipient());
    assertThat(DomainRoot.parse(root.secretText())).isEqualTo(root).hasSameHashCodeAs(root);
    assertThat(xWing.recipient().fingerprint()).matches("[0-9a-f]{16}");
    assertThat(signing.verifyKey().id()).matches("[0-9a-f]{16}");
  }

  @Test
  void aKeyCannotBeReadAsOneOfAnotherKind() {
    SecureRandom random = new SecureRandom();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> XWingIdentity.parse(X25519Identity.generate(random).secretText()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> X25519Identity.parse(XWingIdentity.generate(random).secretText()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SigningKey.parse(DomainRoot.generate(random).secretText()));
  }

  @Test
  void noSecretIsPrinted() {
    SecureRandom random = new SecureRandom();
    SigningKey signing = SigningKey.generate(random);
    XWingIdentity xWing = XWingIdentity.generate(random);
    X25519Identity x25519 = X25519Identity.generate(random);
    DomainRoot root = DomainRoot.generate(random);
    RecoveryKit kit = RecoveryKit.generate(random, List.of(), java.time.LocalDate.of(2026, 1, 1));
    ServiceKey service = ServiceKey.generate(random, kit);

    for (Object secret :
        List.of(signing, xWing, x25519, root, new DomainKey(SEQUENCE), new ChunkIds(SEQUENCE))) {
      assertThat(secret.toString())
          .matches("[A-Za-z0-9]+\\[secret(, (id|recipient|domain) [0-9a-f]+)?]");
    }
    for (Object file : List.of(kit, service)) {
      assertThat(file.toString())
          .contains("[secret, ")
          .doesNotContain("SECRET-KEY", "LIFEBOAT-", kit.identities().getFirst().secretText())
          .doesNotContain("[B@");
    }
    assertThat(new DomainKey(SEQUENCE).toString()).doesNotContain(hex(SEQUENCE).substring(0, 8));
  }

  private static byte[] reversed(byte[] bytes) {
    byte[] reversed = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      reversed[i] = bytes[bytes.length - 1 - i];
    }
    return reversed;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
