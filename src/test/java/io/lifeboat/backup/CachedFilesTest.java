package io.lifeboat.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.fuzz.Fuzz;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedFilesTest {
  @TempDir Path folder;

  @Test
  void everyEntryIsFoundAgainAndNoOther() throws Exception {
    var random = new Random(3);
    Path file = write(random, 3000);

    CachedFiles files = CachedFiles.load(file);

    var again = new Random(3);
    for (int i = 0; i < 3000; i++) {
      CachedFileKey key = key(again);
      byte[] content = content(again);
      assertThat(files.find(key).map(CachedFiles::content)).hasValue(content);
      byte[] changed = key.bytes().array().clone();
      changed[CachedFileKey.PATH_BYTES + i % (CachedFileKey.BYTES - CachedFileKey.PATH_BYTES)] ^= 1;
      assertThat(files.find(new CachedFileKey(ByteBuffer.wrap(changed)))).isEmpty();
    }
    assertThat(files.find(key(again))).isEmpty();
  }

  @Test
  void anEntryThatWasFoundCanBeWrittenAsItStands() throws Exception {
    Path first = write(new Random(4), 10);
    CachedFiles known = CachedFiles.load(first);
    var again = new Random(4);
    CachedFileKey key = key(again);
    Path second = folder.resolve("second");
    try (var writer = new CachedFilesWriter(folder.resolve("second.new"))) {
      writer.append(known.find(key).orElseThrow());
      writer.publish(second);
    }

    assertThat(CachedFiles.load(second).find(key).map(CachedFiles::content))
        .hasValue(content(again));
  }

  @Test
  void noChangedByteAndNoMissingEndGoesUnseen() throws Exception {
    byte[] whole = Files.readAllBytes(write(new Random(5), 3));
    Path damaged = folder.resolve("damaged");
    for (int i = 0; i < whole.length; i++) {
      byte[] changed = whole.clone();
      changed[i] ^= (byte) (1 << i % 8);
      Files.write(damaged, changed);
      assertThatThrownBy(() -> CachedFiles.load(damaged)).isInstanceOf(IOException.class);
      Files.write(damaged, java.util.Arrays.copyOf(whole, i));
      assertThatThrownBy(() -> CachedFiles.load(damaged)).isInstanceOf(IOException.class);
    }
  }

  /** Random damage does not get past the checksum; what does is still read within bounds. */
  @Test
  void whateverHasARightChecksumIsReadOrRefused() throws Exception {
    byte[] whole = Files.readAllBytes(write(new Random(7), 20));
    CachedFileKey first = key(new Random(7));
    Path damaged = folder.resolve("damaged");
    Fuzz.of(
            "caches of files, with their checksum",
            java.util.Arrays.copyOf(whole, whole.length - 4))
        .run(
            3000,
            bytes -> {
              var checksum = new CRC32C();
              checksum.update(bytes);
              byte[] sealed = java.util.Arrays.copyOf(bytes, bytes.length + 4);
              ByteBuffer.wrap(sealed).putInt(bytes.length, (int) checksum.getValue());
              Files.write(damaged, sealed);
              try {
                CachedFiles.load(damaged).find(first).ifPresent(CachedFiles::content);
              } catch (IOException e) {
                throw new PermanentException(
                    ErrorCode.IO_FAILED, String.valueOf(e.getMessage()), "It is ignored.");
              }
            });
  }

  @Test
  void whatIsNotPublishedLeavesNothing() throws Exception {
    Path temporary = folder.resolve("files.new");
    try (var writer = new CachedFilesWriter(temporary)) {
      writer.append(CachedFiles.entry(key(new Random(6)), new byte[9]));
    }

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void whoeverComesSecondGoesWithoutAndSpoilsNothing() throws Exception {
    try (var first = new FileCache(folder, Instant.EPOCH);
        var second = new FileCache(folder, Instant.EPOCH)) {
      second.save();
      assertThat(folder.resolve("files")).doesNotExist();
      first.save();
      assertThat(folder.resolve("files")).exists();
    }
    try (var third = new FileCache(folder, Instant.EPOCH)) {
      third.save();
    }
    assertThat(folder.resolve("files.new")).doesNotExist();
  }

  private Path write(Random random, int entries) throws IOException {
    Path file = folder.resolve("files");
    try (var writer = new CachedFilesWriter(folder.resolve("files.new"))) {
      for (int i = 0; i < entries; i++) {
        writer.append(CachedFiles.entry(key(random), content(random)));
      }
      writer.publish(file);
    }
    return file;
  }

  private static CachedFileKey key(Random random) {
    byte[] bytes = new byte[CachedFileKey.BYTES];
    random.nextBytes(bytes);
    return new CachedFileKey(ByteBuffer.wrap(bytes));
  }

  private static byte[] content(Random random) {
    byte[] bytes = new byte[random.nextInt(300)];
    random.nextBytes(bytes);
    return bytes;
  }
}
