package io.lifeboat.browse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.restore.FilesRepository;
import io.lifeboat.restore.RandomTree;
import io.lifeboat.restore.RestoreEngine;
import io.lifeboat.restore.RestoreSelection;
import io.lifeboat.restore.RestoreTarget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DumpTest {
  @TempDir Path folder;
  private FilesRepository repository;
  private Path tree;

  @BeforeEach
  void createRepository() throws Exception {
    repository = new FilesRepository(folder);
    tree = Files.createDirectories(folder.resolve("docs"));
  }

  @AfterEach
  void closeRepository() {
    repository.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void whatTarUnpacksIsTheTree(long seed) throws Exception {
    new RandomTree(tree, new Random(seed)).plant();
    Path longName = Files.createDirectories(tree.resolve("n".repeat(120) + "/ü".repeat(30)));
    Files.writeString(longName.resolve("x".repeat(200)), "long");
    Files.createLink(longName.resolve("y".repeat(200)), longName.resolve("x".repeat(200)));
    Files.createSymbolicLink(longName.resolve("link"), Path.of("t/".repeat(90) + "t"));
    Files.setLastModifiedTime(
        longName.resolve("x".repeat(200)),
        FileTime.from(Instant.parse("1960-02-03T04:05:06.000000007Z")));
    Path archive = dump("docs", TarArchive::new);
    Path target = Files.createDirectories(folder.resolve("unpacked"));

    run("tar", "-x", "-p", "--numeric-owner", "-f", archive.toString(), "-C", target.toString());

    assertThat(RandomTree.describe(target.resolve("docs"))).isEqualTo(RandomTree.describe(tree));
  }

  @Test
  void tarListsNamesThatAreNoUtf8AndOwnersByName() throws Exception {
    run("sh", "-c", "printf x > \"$(printf '" + tree + "/a\\377b')\"");
    Path archive = dump("docs", TarArchive::new);

    String listed = run("tar", "-t", "-v", "--quoting-style=escape", "-f", archive.toString());

    String owner = Files.getOwner(tree, LinkOption.NOFOLLOW_LINKS).getName();
    assertThat(listed).contains("docs/a\\377b").contains(owner + "/");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatTheZipHoldsIsTheTree(long seed) throws Exception {
    new RandomTree(tree, new Random(seed)).plant();
    Path archive = dump("docs", ZipArchive::new);

    Map<String, String> found = new TreeMap<>();
    try (var zip = new ZipFile(archive.toFile(), StandardCharsets.UTF_8)) {
      for (ZipEntry entry : zip.stream().toList()) {
        byte[] content = zip.getInputStream(entry).readAllBytes();
        found.put(
            entry.getName(),
            entry.getLastModifiedTime().toInstant().getEpochSecond() + " " + hash(content));
      }
    }
    Map<String, String> expected = new TreeMap<>();
    for (Path path : everything()) {
      boolean isFolder = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
      byte[] content =
          Files.isSymbolicLink(path)
              ? Files.readSymbolicLink(path).toString().getBytes(StandardCharsets.UTF_8)
              : isFolder ? new byte[0] : Files.readAllBytes(path);
      long time =
          Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toInstant().getEpochSecond();
      expected.put(folder.relativize(path) + (isFolder ? "/" : ""), time + " " + hash(content));
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void oneFileComesByteForByteAndAFolderDoesNot() throws Exception {
    byte[] content = new byte[3_000_000];
    new Random(3).nextBytes(content);
    java.util.Arrays.fill(content, 1_000_000, 1_500_000, (byte) 0);
    Files.write(tree.resolve("big"), content);
    String snapshot = repository.backUp(tree);
    var out = new ByteArrayOutputStream();
    write(snapshot, "docs/big", new FileBytes(out));

    assertThat(out.toByteArray()).isEqualTo(content);
    try (SnapshotReader reader = repository.read(snapshot)) {
      assertThatExceptionOfType(PermanentException.class)
          .isThrownBy(() -> FileBytes.require(RestoreSelection.path("docs"), reader.root().tree()))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE_INVALID));
    }
  }

  @Test
  void aReaderThatGoesAwayIsNoticed() throws Exception {
    Files.write(tree.resolve("big"), new byte[300_000]);
    String snapshot = repository.backUp(tree);
    var closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };

    for (RestoreTarget target :
        List.of(new TarArchive(closed), new ZipArchive(closed), new FileBytes(closed))) {
      assertThatExceptionOfType(PermanentException.class)
          .isThrownBy(() -> write(snapshot, "docs/big", target))
          .withMessageContaining("Broken pipe")
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.IO_FAILED));
    }
  }

  private List<Path> everything() throws IOException {
    try (var all = Files.walk(tree)) {
      return all.toList();
    }
  }

  private static String hash(byte[] content) throws Exception {
    return java.util.HexFormat.of()
        .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(content));
  }

  private Path dump(String path, Function<OutputStream, RestoreTarget> form) throws IOException {
    Path archive = folder.resolve("archive");
    String snapshot = repository.backUp(tree);
    try (OutputStream out = Files.newOutputStream(archive)) {
      write(snapshot, path, form.apply(out));
    }
    return archive;
  }

  private void write(String snapshot, String path, RestoreTarget target) {
    try (SnapshotReader reader = repository.read(snapshot);
        target) {
      new RestoreEngine().restore(reader, RestoreSelection.of(path), target, Progress.none());
    }
  }

  private static String run(String... command) throws Exception {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
