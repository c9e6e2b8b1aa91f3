package io.lifeboat.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exchanges files with an installed {@code age}; classical keys, which every version knows. */
class AgeToolTest {
  private final SecureRandom random = new SecureRandom();
  private final AgeFiles ageFiles = new AgeFiles(random);
  private final X25519Identity identity = X25519Identity.generate(random);

  @TempDir Path folder;

  @BeforeEach
  void anAgeIsInstalled() {
    String path = System.getenv().getOrDefault("PATH", "");
    assumeTrue(
        Pattern.compile(Pattern.quote(File.pathSeparator))
            .splitAsStream(path)
            .anyMatch(entry -> Files.isExecutable(Path.of(entry, "age"))),
        "no age program on the PATH");
  }

  @Test
  void ageDecryptsWhatWeEncrypt() throws IOException, InterruptedException {
    Path keys =
        Files.writeString(folder.resolve("keys.txt"), "# ours\n" + identity.secretText() + "\n");
    for (int size : new int[] {0, 1, 65536, 65537, 200_000}) {
      byte[] plaintext = bytes(size);
      X25519Recipient somebodyElse = X25519Identity.generate(random).recipient();
      Path file =
          Files.write(
              folder.resolve("ours.age"),
              ageFiles.encrypt(List.of(somebodyElse, identity.recipient()), plaintext));
      Path output = folder.resolve("ours");
      // age does not touch its output where there is nothing to write.
      Files.write(output, new byte[0]);

      age("-d", "-i", keys.toString(), "-o", output.toString(), file.toString());

      assertThat(output).hasBinaryContent(plaintext);
    }
  }

  @Test
  void weDecryptWhatAgeEncrypts() throws IOException, InterruptedException {
    for (int size : new int[] {0, 1, 65536, 65537, 200_000}) {
      byte[] plaintext = bytes(size);
      Path input = Files.write(folder.resolve("theirs"), plaintext);
      Path file = folder.resolve("theirs.age");

      age("-r", identity.recipient().text(), "-o", file.toString(), input.toString());

      assertThat(ageFiles.decrypt(List.of(identity), Files.readAllBytes(file)))
          .isEqualTo(plaintext);
    }
  }

  @Test
  void ageAcceptsTheCommentsOfARecoveryKit() throws IOException, InterruptedException {
    String kit = RecoveryKit.generate(random, List.of(), LocalDate.of(2026, 11, 23)).fileText();
    // An age before 1.3 knows no post-quantum identity, so classical ones take their places.
    String text = kit.replaceAll("(?m)^AGE-SECRET-KEY-PQ-1.*$", identity.secretText());
    Path keys = Files.writeString(folder.resolve("recovery-kit.txt"), text);
    byte[] plaintext = bytes(100);
    Path file =
        Files.write(
            folder.resolve("file.age"), ageFiles.encrypt(List.of(identity.recipient()), plaintext));
    Path output = folder.resolve("output");

    age("-d", "-i", keys.toString(), "-o", output.toString(), file.toString());

    assertThat(output).hasBinaryContent(plaintext);
  }

  @Test
  void ageDecryptsWhatWeProtectWithAPassphrase() throws IOException, InterruptedException {
    byte[] plaintext = bytes(1000);
    byte[] file = new PassphraseFiles(random).encrypt("correct horse", plaintext);
    Files.write(folder.resolve("ours.age"), file);
    Files.writeString(folder.resolve("ours.txt"), AgeArmor.encode(file));

    for (String name : List.of("ours.age", "ours.txt")) {
      atATerminal("correct horse", "age -d -o opened " + name);
      assertThat(folder.resolve("opened")).hasBinaryContent(plaintext);
      Files.delete(folder.resolve("opened"));
    }
  }

  @Test
  void weDecryptWhatAgeProtectsWithAPassphrase() throws IOException, InterruptedException {
    byte[] plaintext = bytes(1000);
    Files.write(folder.resolve("theirs"), plaintext);

    for (String armor : List.of("", "-a ")) {
      atATerminal("battery staple", "age -p " + armor + "-o theirs.age theirs");
      byte[] file = Files.readAllBytes(folder.resolve("theirs.age"));
      assertThat(AgeArmor.isAgeFile(file)).isTrue();
      assertThat(PassphraseFiles.decrypt("battery staple", AgeArmor.binary(file)))
          .isEqualTo(plaintext);
      Files.delete(folder.resolve("theirs.age"));
    }
  }

  /** age takes a passphrase from a terminal only; {@code script} gives it one, and types. */
  private void atATerminal(String passphrase, String command)
      throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "no script program");
    Process process =
        new ProcessBuilder("/usr/bin/script", "-qec", command, "/dev/null")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    try (var typed = process.getOutputStream()) {
      StringBuilder said = new StringBuilder();
      int answered = 0;
      for (int next = process.getInputStream().read();
          next >= 0;
          next = process.getInputStream().read()) {
        said.append((char) next);
        // Each prompt ends in a colon and a space: "Enter passphrase: ", "Confirm passphrase: ".
        if (said.substring(answered).matches("(?s).*passphrase[^:]*: ")) {
          answered = said.length();
          typed.write((passphrase + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
          typed.flush();
        }
      }
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(said.toString()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  private void age(String... arguments) throws IOException, InterruptedException {
    Path messages = folder.resolve("messages");
    List<String> command = new java.util.ArrayList<>(List.of("age"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(messages.toFile())
            .start();
    try {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("age ended").isTrue();
      assertThat(process.exitValue()).as(Files.readString(messages)).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
