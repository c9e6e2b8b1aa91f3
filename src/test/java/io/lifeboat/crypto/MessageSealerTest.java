package io.lifeboat.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageSealerTest {
  private static final byte[] KEY = seeded(32, 1);
  private static final byte[] CONTEXT = "a chunk".getBytes(StandardCharsets.US_ASCII);

  private final MessageSealer sealer = new MessageSealer(new SecureRandom());

  @ParameterizedTest
  @ValueSource(
      ints = {
        0,
        1,
        15,
        16,
        17,
        4096,
        16383,
        16384,
        16385,
        32767,
        32768,
        32769,
        1 << 20,
        (1 << 20) + 1
      })
  void whatIsSealedOpensToTheSameBytes(int size) {
    byte[] plaintext = seeded(size, size);

    byte[] sealed = sealer.seal(KEY, CONTEXT, plaintext, 0, size);

    assertThat(sealed).hasSize((int) MessageSealer.sealedSize(size));
    assertThat(sealer.open(KEY, CONTEXT, sealed)).isEqualTo(plaintext);
  }

  /**
   * Made with another implementation: Python's cryptography, from the text of the specification.
   */
  @Test
  void theBytesAreThoseOfTheSpecification() throws NoSuchAlgorithmException {
    byte[] key =
        HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    byte[] salt = Arrays.copyOf(key, 24);
    byte[] hello = "hello world".getBytes(StandardCharsets.US_ASCII);
    byte[] test = "test".getBytes(StandardCharsets.US_ASCII);

    assertThat(
            HexFormat.of().formatHex(MessageSealer.seal(key, test, salt, hello, 0, hello.length)))
        .isEqualTo(
            "000102030405060708090a0b0c0d0e0f1011121314151617"
                + "9eef4f582fef0697f9dcfab371dd215d6e1fd88f8b8361d49b0f82baa1f7a943"
                + "e74c508b9835a52f23a5b4da45007c867cd4c0383f044cc78ed124");
    assertThat(
            HexFormat.of().formatHex(MessageSealer.seal(key, new byte[0], salt, new byte[0], 0, 0)))
        .isEqualTo(
            "000102030405060708090a0b0c0d0e0f1011121314151617"
                + "bedafdc25c8a3895baed4b7156d694bdc9e3f700bc5d64988f600c53357c4393"
                + "f7dc7f72b9b6a3f73a68a7b00a081cce");
    Map<Integer, String> digests =
        Map.of(
            16383, "31038f872c28cc4fb702f60cd2635a7d07028df9ac8776014d0851273dca63c1",
            16384, "58d7cdebc1aded308d05c291f09f6eea8305b428f372ca75b1b0e40a9e83942e",
            16385, "e60dcc742c35f9996ded4f333648d6124dc2044e6f0297a85ef82eeed6091087",
            81927, "e2bc552eff9631d8f50e229e1b83d4b46d7d0512527d41a988a33323ac83d5a8");
    for (Map.Entry<Integer, String> digest : digests.entrySet()) {
      byte[] plaintext = new byte[digest.getKey()];
      for (int i = 0; i < plaintext.length; i++) {
        plaintext[i] = (byte) (i * 31 + 7);
      }
      byte[] chunk = "chunk".getBytes(StandardCharsets.US_ASCII);
      byte[] sealed = MessageSealer.seal(key, chunk, salt, plaintext, 0, plaintext.length);
      assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(sealed)))
          .as("%d bytes", digest.getKey())
          .isEqualTo(digest.getValue());
    }
  }

  @Test
  void aMessageMayLieInTheMiddleOfAnArray() {
    byte[] surroundings = seeded(50_000, 3);

    byte[] sealed = sealer.seal(KEY, CONTEXT, surroundings, 1_000, 40_000);
    byte[] placed = new byte[sealed.length + 30];
    System.arraycopy(sealed, 0, placed, 10, sealed.length);

    assertThat(sealer.open(KEY, CONTEXT, placed, 10, sealed.length))
        .isEqualTo(Arrays.copyOfRange(surroundings, 1_000, 41_000));
  }

  @Test
  void sealingTheSameBytesTwiceGivesUnlikeMessages() {
    byte[] plaintext = seeded(100, 4);

    byte[] one = sealer.seal(KEY, CONTEXT, plaintext, 0, 100);
    byte[] two = sealer.seal(KEY, CONTEXT, plaintext, 0, 100);

    assertThat(Arrays.copyOf(one, 24)).isNotEqualTo(Arrays.copyOf(two, 24));
    assertThat(Arrays.copyOfRange(one, 56, 156)).isNotEqualTo(Arrays.copyOfRange(two, 56, 156));
  }

  @Test
  void changingAnyBitOfASmallMessageIsNoticed() {
    byte[] sealed = sealer.seal(KEY, CONTEXT, seeded(40, 5), 0, 40);
    for (int bit = 0; bit < sealed.length * 8; bit++) {
      byte[] changed = sealed.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertDamaged(KEY, CONTEXT, changed);
    }
  }

  @Test
  void cuttingAMessageAtAnyLengthIsNoticed() {
    byte[] sealed = sealer.seal(KEY, CONTEXT, seeded(300, 6), 0, 300);
    for (int length = 0; length < sealed.length; length++) {
      assertDamaged(KEY, CONTEXT, Arrays.copyOf(sealed, length));
    }
  }

  @Test
  void cuttingALongMessageBetweenItsSegmentsIsNoticed() {
    byte[] sealed = sealer.seal(KEY, CONTEXT, seeded(3 * 16384, 7), 0, 3 * 16384);
    for (int segments = 0; segments <= 3; segments++) {
      assertDamaged(KEY, CONTEXT, Arrays.copyOf(sealed, 56 + segments * 16400));
    }
    for (int extra = 1; extra <= 32; extra++) {
      assertDamaged(KEY, CONTEXT, Arrays.copyOf(sealed, 56 + 16400 + extra));
    }
  }

  @Test
  void appendingToAMessageIsNoticed() {
    byte[] sealed = sealer.seal(KEY, CONTEXT, seeded(300, 8), 0, 300);
    for (int extra = 1; extra <= 40; extra++) {
      assertDamaged(KEY, CONTEXT, Arrays.copyOf(sealed, sealed.length + extra));
    }
  }

  @Test
  void exchangingTwoSegmentsIsNoticed() {
    byte[] sealed = sealer.seal(KEY, CONTEXT, seeded(40_000, 9), 0, 40_000);
    byte[] exchanged = sealed.clone();
    System.arraycopy(sealed, 56, exchanged, 56 + 16400, 16400);
    System.arraycopy(sealed, 56 + 16400, exchanged, 56, 16400);

    assertDamaged(KEY, CONTEXT, exchanged);
  }

  @Test
  void aMessageOpensOnlyWithItsKeyAndForItsContext() {
    byte[] sealed = sealer.seal(KEY, CONTEXT, seeded(100, 10), 0, 100);

    assertDamaged(seeded(32, 2), CONTEXT, sealed);
    assertDamaged(KEY, new byte[0], sealed);
    assertDamaged(KEY, "another chunk".getBytes(StandardCharsets.US_ASCII), sealed);
    assertDamaged(KEY, Arrays.copyOf(CONTEXT, CONTEXT.length + 1), sealed);
  }

  @Test
  void aKeyOfAnotherSizeIsAMistakeOfTheCaller() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sealer.seal(new byte[16], CONTEXT, new byte[1], 0, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sealer.open(new byte[33], CONTEXT, new byte[100]));
    assertThatIllegalArgumentException().isThrownBy(() -> MessageSealer.sealedSize(-1));
  }

  @Test
  void manyThreadsMayShareOneSealer() throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Boolean>> results =
          IntStream.range(0, 64)
              .mapToObj(i ->
                  threads.submit(() -> {
                    byte[] plaintext = seeded(40_000 + i, i);
                    byte[] sealed = sealer.seal(KEY, CONTEXT, plaintext, 0, plaintext.length);
                    return Arrays.equals(sealer.open(KEY, CONTEXT, sealed), plaintext);
                  }))
              .toList();
      for (Future<Boolean> result : results) {
        assertThat(result.get()).isTrue();
      }
    }
  }

  private void assertDamaged(byte[] key, byte[] context, byte[] sealed) {
    assertThatThrownBy(() -> sealer.open(key, context, sealed))
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OBJECT_DAMAGED));
  }

  private static byte[] seeded(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
