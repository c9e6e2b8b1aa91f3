package io.lifeboat.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassphraseFilesTest {
  private static final int QUICK = 4;

  private final SecureRandom random = new SecureRandom();
  private final PassphraseFiles files = new PassphraseFiles(random, QUICK);
  private final byte[] plaintext = "dear all".getBytes(StandardCharsets.UTF_8);

  @Test
  void whatIsEncryptedUnderAPassphraseIsDecryptedWithItAlone() {
    byte[] file = files.encrypt("correct horse ümlaut", plaintext);

    assertThat(PassphraseFiles.decrypt("correct horse ümlaut", file)).isEqualTo(plaintext);
    assertFails(ErrorCode.KEY_MISMATCH, "correct horse", file);
    assertFails(ErrorCode.KEY_MISMATCH, "", file);
  }

  @Test
  void aFileOfOursCostsAGuesserWhatAgesOwnDo() {
    byte[] file = new PassphraseFiles(random).encrypt("x", plaintext);

    assertThat(new String(file, StandardCharsets.ISO_8859_1))
        .containsPattern("\\n-> scrypt [A-Za-z0-9+/]{22} 18\\n");
  }

  @Test
  void aFileThatAsksForMoreWorkThanAgeAllowsIsRefusedBeforeTheWork() {
    String text = new String(files.encrypt("x", plaintext), StandardCharsets.ISO_8859_1);
    for (String factor : List.of("23", "30", "64", "999", "0", "04", "-1", "1e1", "1000")) {
      byte[] changed =
          text.replaceFirst("(-> scrypt \\S+) 4\\n", "$1 " + factor + "\n")
              .getBytes(StandardCharsets.ISO_8859_1);
      assertFails(ErrorCode.OBJECT_DAMAGED, "x", changed);
    }
  }

  @Test
  void aScryptStanzaStandsAlone() {
    byte[] file = files.encrypt("x", plaintext);
    AgeStanza scrypt = AgeHeader.parse(file).stanzas().getFirst();
    AgeStanza other =
        AgeStanza.wrap(random, X25519Identity.generate(random).recipient(), new byte[16]);
    for (List<AgeStanza> stanzas : List.of(List.of(scrypt, scrypt), List.of(scrypt, other))) {
      assertFails(
          ErrorCode.OBJECT_DAMAGED, "x", AgeFiles.seal(random, new byte[16], stanzas, plaintext));
    }
    assertFails(
        ErrorCode.KEY_MISMATCH,
        "x",
        new AgeFiles(random)
            .encrypt(List.of(X25519Identity.generate(random).recipient()), plaintext));
  }

  @Test
  void eachChangedByteIsNoticedInBinaryAndArmor() {
    byte[] file = files.encrypt("x", plaintext);
    for (int i = 0; i < file.length; i++) {
      byte[] changed = file.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> PassphraseFiles.decrypt("x", AgeArmor.binary(changed)))
          .as("byte %d", i)
          .isInstanceOf(LifeboatException.class);
    }
    byte[] armor = AgeArmor.encode(file).getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < armor.length - 1; i++) {
      byte[] changed = armor.clone();
      changed[i] = (byte) (changed[i] == '!' ? '?' : '!');
      assertThatThrownBy(() -> PassphraseFiles.decrypt("x", AgeArmor.binary(changed)))
          .as("character %d", i)
          .isInstanceOf(LifeboatException.class);
    }
  }

  @Test
  void armorIsReadBackWithEitherLineEnd() {
    for (int size = 0; size < 200; size++) {
      byte[] file = files.encrypt("x", new byte[size]);
      String armor = AgeArmor.encode(file);
      assertThat(AgeArmor.binary(armor.getBytes(StandardCharsets.US_ASCII))).isEqualTo(file);
      assertThat(
              AgeArmor.binary(
                  ("\n" + armor.replace("\n", "\r\n")).getBytes(StandardCharsets.US_ASCII)))
          .isEqualTo(file);
      assertThat(armor.lines()).allMatch(line -> line.length() <= 64);
    }
  }

  @Test
  void aKitUnderAPassphraseIsReadLikeAnother(@TempDir Path folder) throws Exception {
    RecoveryKit kit = RecoveryKit.generate(random, List.of(), LocalDate.of(2026, 11, 23));
    Path file = folder.resolve("kit.age");
    KeyFiles.write(file, KeyFiles.protect(random, kit, "correct horse"));
    Path binary = folder.resolve("binary.age");
    Files.write(binary, AgeArmor.binary(Files.readAllBytes(file)));

    assertThat(KeyFiles.readRecoveryKit(file, asked -> "correct horse").value()).isEqualTo(kit);
    assertThat(KeyFiles.readRecoveryKit(binary, asked -> "correct horse").value()).isEqualTo(kit);
    assertThatThrownBy(() -> KeyFiles.readRecoveryKit(file, asked -> "wrong"))
        .hasMessageContaining("kit.age")
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_MISMATCH));
    Files.writeString(file, Files.readString(file).substring(0, 300));
    assertThatThrownBy(() -> KeyFiles.readRecoveryKit(file, asked -> "correct horse"))
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_FILE_INVALID));
  }

  private static void assertFails(ErrorCode code, String passphrase, byte[] file) {
    assertThatThrownBy(() -> PassphraseFiles.decrypt(passphrase, file))
        .isInstanceOfSatisfying(LifeboatException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
