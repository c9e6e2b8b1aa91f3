package io.lifeboat.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.repository.FileName;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RawNameTest {
  @TempDir private Path folder;

  static Stream<byte[]> names() {
    return Stream.of(
        "plain".getBytes(StandardCharsets.UTF_8),
        "with blank, % and %41 ? # \\ \n".getBytes(StandardCharsets.UTF_8),
        "Übergröße-日本-🛟".getBytes(StandardCharsets.UTF_8),
        "e\u0301".getBytes(StandardCharsets.UTF_8),
        new byte[] {(byte) 0xff, 'a', (byte) 0xfe},
        new byte[] {(byte) 0xc3, '(', (byte) 0x80},
        "ISO-\u00e9".getBytes(StandardCharsets.ISO_8859_1),
        allBytes());
  }

  @ParameterizedTest
  @MethodSource("names")
  void aNameComesBackFromTheFileSystemByteForByte(byte[] name) throws Exception {
    Path path = RawName.resolve(folder, FileName.of(name));
    Files.createFile(path);

    assertThat(RawName.bytes(path.getFileName())).isEqualTo(name);
    assertThat(RawName.of(onlyEntry())).isEqualTo(FileName.of(name));
    assertThat(RawName.resolve(folder, RawName.of(onlyEntry()))).isRegularFile();
  }

  @ParameterizedTest
  @MethodSource("names")
  void aFolderIsNamedWithoutASlash(byte[] name) throws Exception {
    Files.createDirectory(RawName.resolve(folder, FileName.of(name)));

    assertThat(RawName.of(onlyEntry())).isEqualTo(FileName.of(name));
  }

  @ParameterizedTest
  @MethodSource("names")
  void aLinksTargetIsKeptByteForByte(byte[] name) throws Exception {
    for (String before : List.of("", "/", "../", "/a/../", "./")) {
      byte[] target = concat(before.getBytes(StandardCharsets.US_ASCII), name);
      Path link = folder.resolve("link");
      Files.createSymbolicLink(link, RawName.path(target));

      assertThat(RawName.bytes(Files.readSymbolicLink(link))).isEqualTo(target);
      Files.delete(link);
    }
  }

  @Test
  void namesSurviveInALocaleThatHasNoLetters() throws Exception {
    List<byte[]> names = names().toList();
    for (byte[] name : names) {
      Files.write(RawName.resolve(folder, FileName.of(name)), name);
    }
    Path copy = Files.createDirectory(folder.resolveSibling(folder.getFileName() + "-copy"));
    var builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                CopyNames.class.getName(),
                folder.toString(),
                copy.toString())
            .inheritIO();
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("LANG", "C");

    assertThat(builder.start().waitFor()).isZero();

    for (byte[] name : names) {
      Path copied = RawName.resolve(copy, FileName.of(name));
      assertThat(copied).hasBinaryContent(name);
      Files.delete(copied);
    }
    assertThat(copy).isEmptyDirectory();
    Files.delete(copy);
  }

  /** Copies a folder's files, by their raw names, under whatever locale it is started in. */
  static final class CopyNames {
    private CopyNames() {}

    public static void main(String[] folders) throws Exception {
      List<FileName> names = new ArrayList<>();
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of(folders[0]))) {
        entries.forEach(entry -> names.add(RawName.of(entry)));
      }
      for (FileName name : names) {
        Files.copy(
            RawName.resolve(Path.of(folders[0]), name), RawName.resolve(Path.of(folders[1]), name));
      }
    }
  }

  private Path onlyEntry() throws Exception {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      return entries.iterator().next();
    }
  }

  private static byte[] allBytes() {
    byte[] all = new byte[254];
    int at = 0;
    for (int b = 1; b < 256; b++) {
      if (b != '/') {
        all[at++] = (byte) b;
      }
    }
    return all;
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = new byte[first.length + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
