package io.lifeboat.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFilesTest {
  private final SecureRandom random = new SecureRandom();
  private final RecoveryKit kit =
      RecoveryKit.generate(
          random,
          List.of(new RecoveryKit.KnownRepository("7f3a", "s3:https://s3.example/lifeboat/prod")),
          LocalDate.of(2026, 11, 23));
  private final ServiceKey serviceKey = ServiceKey.generate(random, kit);

  @TempDir Path folder;

  @Test
  void bothKeyFilesAreReadBackAsTheyWereWritten() {
    Path service = folder.resolve("service.key");
    Path recovery = folder.resolve("keys/recovery-kit.txt");
    KeyFiles.write(service, serviceKey.fileText());
    KeyFiles.write(recovery, kit.fileText());

    assertThat(KeyFiles.readServiceKey(service))
        .isEqualTo(new KeyFiles.Loaded<>(serviceKey, List.of()));
    assertThat(KeyFiles.readRecoveryKit(recovery)).isEqualTo(new KeyFiles.Loaded<>(kit, List.of()));
  }

  @Test
  void aKeyFileIsReadableByItsOwnerOnlyAndLeavesNothingBeside() throws IOException {
    Path file = folder.resolve("service.key");
    KeyFiles.write(file, serviceKey.fileText());

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aKeyFileIsNeverReplaced() throws IOException {
    Path file = folder.resolve("service.key");
    Files.writeString(file, "precious");

    assertFails(
        ErrorCode.KEY_FILE_EXISTS,
        () -> KeyFiles.write(file, serviceKey.fileText()),
        "service.key");
    assertThat(file).hasContent("precious");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void ofManyWritersOfOneNameExactlyOneWins()
      throws InterruptedException, ExecutionException, IOException {
    Path file = folder.resolve("service.key");
    int wins = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Boolean>> outcomes =
          IntStream.range(0, 16)
              .mapToObj(i -> threads.submit(() -> wrote(file, "writer " + i)))
              .toList();
      for (Future<Boolean> outcome : outcomes) {
        wins += outcome.get() ? 1 : 0;
      }
    }
    assertThat(wins).isEqualTo(1);
    assertThat(Files.readString(file)).startsWith("writer ");
  }

  @Test
  void aFileThatOthersMayReadIsReportedAndStillRead() throws IOException {
    Path file = folder.resolve("service.key");
    KeyFiles.write(file, serviceKey.fileText());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    KeyFiles.Loaded<ServiceKey> loaded = KeyFiles.readServiceKey(file);

    assertThat(loaded.value()).isEqualTo(serviceKey);
    assertThat(loaded.warnings()).singleElement().asString().contains("rw-r--r--", "chmod 600");
  }

  @Test
  void aMissingFileIsNamedTogetherWithTheWayOut() {
    Path missing = folder.resolve("nowhere");
    assertFails(ErrorCode.SERVICE_KEY_MISSING, () -> KeyFiles.readServiceKey(missing), "nowhere");
    assertFails(
        ErrorCode.RECOVERY_IDENTITY_MISSING, () -> KeyFiles.readRecoveryKit(missing), "nowhere");
  }

  @Test
  void whatIsNoTextOrTooLargeIsNoKeyFile() throws IOException {
    Path binary =
        Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    Path large = Files.write(folder.resolve("large"), new byte[300_000]);
    assertFails(ErrorCode.KEY_FILE_INVALID, () -> KeyFiles.readServiceKey(binary), "binary");
    assertFails(ErrorCode.KEY_FILE_INVALID, () -> KeyFiles.readRecoveryKit(large), "large");
    assertFails(ErrorCode.IO_FAILED, () -> KeyFiles.readRecoveryKit(folder), folder.toString());
  }

  private static boolean wrote(Path file, String text) {
    try {
      KeyFiles.write(file, text);
      return true;
    } catch (LifeboatException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.KEY_FILE_EXISTS);
      return false;
    }
  }

  private static void assertFails(
      ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String named) {
    assertThatThrownBy(call)
        .hasMessageContaining(named)
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.hint()).isNotBlank();
            });
  }
}
