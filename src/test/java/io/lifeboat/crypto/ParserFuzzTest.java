package io.lifeboat.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.fuzz.Fuzz;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Seeded mutations of valid input: every parser answers with what was put in, or with the code it
 * documents.
 */
class ParserFuzzTest {
  private static final String TOKENS = "\n \r\0#-->age1AGE-SECRET-KEY-1=+/\u00ff0aF";

  private final SecureRandom secureRandom = new SecureRandom();
  private final RecoveryKit kit =
      RecoveryKit.generate(
          secureRandom,
          List.of(new RecoveryKit.KnownRepository("id", "folder:/backup")),
          LocalDate.of(2026, 11, 23));

  @Test
  void mutatedClassicalAgeFilesAreRefused() {
    X25519Identity identity = X25519Identity.generate(secureRandom);
    AgeFiles ageFiles = new AgeFiles(secureRandom);
    byte[] plaintext = bytes("session keys");
    byte[] file = ageFiles.encrypt(List.of(identity.recipient()), plaintext);

    fuzz(
        file,
        3_000,
        Set.of(ErrorCode.OBJECT_DAMAGED, ErrorCode.KEY_MISMATCH),
        mutated -> {
          ageFiles.decrypt(List.of(identity), mutated);
          assertThat(mutated).isEqualTo(file);
        });
  }

  @Test
  void mutatedPostQuantumAgeFilesAreRefused() {
    XWingIdentity identity = kit.identities().getFirst();
    AgeFiles ageFiles = new AgeFiles(secureRandom);
    byte[] file = ageFiles.encrypt(kit.recipients(), bytes("session keys"));

    fuzz(
        file,
        400,
        Set.of(ErrorCode.OBJECT_DAMAGED, ErrorCode.KEY_MISMATCH),
        mutated -> {
          ageFiles.decrypt(List.of(identity), mutated);
          assertThat(mutated).isEqualTo(file);
        });
  }

  @Test
  void mutatedSealedMessagesAreRefused() {
    MessageSealer sealer = new MessageSealer(secureRandom);
    byte[] key = new byte[32];
    byte[] sealed = sealer.seal(key, new byte[0], new byte[17_000], 0, 17_000);

    fuzz(
        sealed,
        3_000,
        Set.of(ErrorCode.OBJECT_DAMAGED),
        mutated -> {
          sealer.open(key, new byte[0], mutated);
          assertThat(mutated).isEqualTo(sealed);
        });
  }

  @Test
  void mutatedSignedDocumentsDoNotVerify() {
    SigningKey key = SigningKey.generate(secureRandom);
    byte[] document = SignedText.sign("log-entry", "{\"n\":1}", key);

    fuzz(
        document,
        3_000,
        Set.of(ErrorCode.OBJECT_DAMAGED),
        mutated -> {
          if (SignedText.parse(mutated).verify("log-entry", key.verifyKey())) {
            assertThat(mutated).isEqualTo(document);
          }
        });
  }

  @Test
  void mutatedServiceKeysAreReadUnchangedOrRefused() {
    ServiceKey key = ServiceKey.generate(secureRandom, kit);

    fuzz(
        bytes(key.fileText()),
        1_000,
        Set.of(ErrorCode.KEY_FILE_INVALID),
        mutated -> {
          ServiceKey read =
              ServiceKey.parse("service.key", new String(mutated, StandardCharsets.UTF_8));
          assertThat(read.writer()).isEqualTo(key.writer());
          assertThat(read.maintenance()).isEqualTo(key.maintenance());
          assertThat(read.domainRoot()).isEqualTo(key.domainRoot());
          assertThat(read.admin()).isEqualTo(key.admin());
          assertThat(key.recovery()).containsAll(read.recovery());
        });
  }

  @Test
  void mutatedRecoveryKitsAreReadWithTheirKeysUnchangedOrRefused() {
    fuzz(
        bytes(kit.fileText()),
        1_000,
        Set.of(ErrorCode.KEY_FILE_INVALID),
        mutated -> {
          RecoveryKit read = RecoveryKit.parse("kit", new String(mutated, StandardCharsets.UTF_8));
          assertThat(kit.identities()).containsAll(read.identities());
          assertThat(read.admin()).isEqualTo(kit.admin());
        });
  }

  @Test
  void armoredAndBinaryHeadersAreReadOrRefused() throws Exception {
    byte[] file = new PassphraseFiles(secureRandom, 1).encrypt("passphrase", new byte[3000]);
    Fuzz.of("armored age files", bytes(AgeArmor.encode(file)))
        .run(3000, mutated -> AgeHeader.parse(AgeArmor.binary(mutated)));
    Fuzz.of(
            "age headers",
            List.of(file, new AgeFiles(secureRandom).encrypt(kit.recipients(), file)))
        .run(3000, AgeHeader::parse);
  }

  @Test
  void nestedAndHugeKeyFilesAreReadOrRefused() throws Exception {
    Fuzz.of("recovery kits", bytes(kit.fileText()))
        .run(500, mutated -> RecoveryKit.parse("kit", new String(mutated, StandardCharsets.UTF_8)));
    Fuzz.of("service keys", bytes(ServiceKey.generate(secureRandom, kit).fileText()))
        .run(
            500,
            mutated ->
                ServiceKey.parse("service.key", new String(mutated, StandardCharsets.UTF_8)));
  }

  private static void fuzz(
      byte[] valid, int rounds, Set<ErrorCode> allowed, Consumer<byte[]> parser) {
    Map<ErrorCode, Integer> refusals = new EnumMap<>(ErrorCode.class);
    for (int round = 0; round < rounds; round++) {
      byte[] mutated = mutate(valid, new Random(round));
      try {
        parser.accept(mutated);
      } catch (LifeboatException e) {
        refusals.merge(e.code(), 1, Integer::sum);
      } catch (RuntimeException e) {
        throw new AssertionError("round " + round + " ended in an undocumented failure", e);
      }
    }
    assertThat(refusals.keySet()).isNotEmpty().isSubsetOf(allowed);
  }

  private static byte[] mutate(byte[] valid, Random random) {
    byte[] bytes = valid.clone();
    for (int i = 0, times = 1 + random.nextInt(3); i < times && bytes.length > 0; i++) {
      int at = random.nextInt(bytes.length);
      int size = Math.min(1 + random.nextInt(40), bytes.length - at);
      bytes =
          switch (random.nextInt(6)) {
            case 0 -> splice(bytes, at, at + 1, new byte[] {(byte) random.nextInt(256)});
            case 1 -> splice(bytes, at, at + size, new byte[0]);
            case 2 -> splice(bytes, at, at, Arrays.copyOfRange(bytes, at, at + size));
            case 3 -> Arrays.copyOf(bytes, at);
            case 4 -> splice(bytes, at, at, bytes(token(random)));
            default -> splice(bytes, at, at + 1, bytes(token(random)));
          };
    }
    return bytes;
  }

  private static String token(Random random) {
    int at = random.nextInt(TOKENS.length());
    return TOKENS.substring(at, Math.min(TOKENS.length(), at + 1 + random.nextInt(4)));
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] inserted) {
    ByteArrayOutputStream spliced = new ByteArrayOutputStream();
    spliced.write(bytes, 0, from);
    spliced.writeBytes(inserted);
    spliced.write(bytes, to, bytes.length - to);
    return spliced.toByteArray();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
