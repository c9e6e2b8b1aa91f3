package io.lifeboat.drill.scratch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Content;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.restore.RestorePath;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The archive is unpacked by the system's own tar, which knows nothing of how it was made. */
@Timeout(60)
class TarTargetTest {
  private static final Attributes ATTRIBUTES =
      new Attributes(0640, 999, 999, "x", "y", Instant.parse("2026-01-31T02:03:04.123456789Z"));

  @TempDir Path folder;

  private TarTarget target() throws IOException {
    int uid = (int) Files.getAttribute(folder, "unix:uid");
    int gid = (int) Files.getAttribute(folder, "unix:gid");
    return new TarTarget("top/", uid, gid, this::unpack);
  }

  private void unpack(InputStream archive) {
    try {
      Process tar =
          new ProcessBuilder("tar", "-x", "-p", "-f", "-", "-C", folder.toString())
              .redirectErrorStream(true)
              .start();
      try (var in = tar.getOutputStream()) {
        archive.transferTo(in);
      }
      String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(tar.waitFor()).as(said).isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void write(TarTarget target, RestorePath path, byte[] bytes) {
    try (var writer = target.file(path, node(path, bytes.length))) {
      writer.write(ByteBuffer.wrap(bytes));
      writer.complete();
    }
  }

  private static Node.RegularFile node(RestorePath path, long sizeBytes) {
    return new Node.RegularFile(
        path.components().getLast(),
        ATTRIBUTES,
        new Content.Inline(sizeBytes, List.of()),
        Optional.empty(),
        0);
  }

  private static RestorePath path(FileName... names) {
    return new RestorePath(List.of(names));
  }

  @Test
  void whatGoesInComesOutWithNamesOfAnyLengthAndAnyBytes() throws Exception {
    FileName longName = FileName.of("n".repeat(200));
    FileName raw = FileName.of(new byte[] {'r', (byte) 0xff, (byte) 0xfe});
    byte[] contents = "some contents".repeat(100).getBytes(StandardCharsets.UTF_8);
    try (TarTarget target = target()) {
      target.directory(RestorePath.root(), ATTRIBUTES);
      target.directory(path(longName), ATTRIBUTES);
      write(target, path(longName, FileName.of("ü")), contents);
      write(target, path(raw), new byte[0]);
      try (var writer =
          target.file(path(FileName.of("hole")), node(path(FileName.of("hole")), 100_000))) {
        writer.hole(99_999);
        writer.write(ByteBuffer.wrap(new byte[] {7}));
        writer.complete();
      }
      target.hardLink(path(FileName.of("second")), path(longName, FileName.of("ü")));
      byte[] far = ("/" + "l".repeat(150)).getBytes(StandardCharsets.UTF_8);
      target.symlink(
          path(FileName.of("link")), new Node.Symlink(FileName.of("link"), ATTRIBUTES, far));
      target.commit();
    }
    Path top = folder.resolve("top");
    Path file = top.resolve("n".repeat(200)).resolve("ü");
    assertThat(file).hasBinaryContent(contents);
    assertThat(Files.getLastModifiedTime(file).toInstant()).isEqualTo(ATTRIBUTES.modifiedAt());
    assertThat((int) Files.getAttribute(file, "unix:mode") & 07777).isEqualTo(0640);
    assertThat((int) Files.getAttribute(top, "unix:mode") & 07777).isEqualTo(0740);
    assertThat(Files.getAttribute(file, "unix:ino"))
        .isEqualTo(Files.getAttribute(top.resolve("second"), "unix:ino"));
    assertThat(top.resolve("hole")).hasSize(100_000);
    assertThat(Files.readSymbolicLink(top.resolve("link"))).hasToString("/" + "l".repeat(150));
    assertThat(Files.exists(top.resolve("link"), LinkOption.NOFOLLOW_LINKS)).isTrue();
    try (var entries = Files.list(top)) {
      assertThat(entries.map(entry -> entry.toUri().getRawPath()))
          .anyMatch(name -> name.endsWith("/r%FF%FE"));
    }
  }

  @Test
  void aReceiverThatFailsEndsTheRestoreWithItsReason() throws Exception {
    var reason = new PermanentException(ErrorCode.SCRATCH_UNAVAILABLE, "disk is full", "Clean up.");
    try (TarTarget target =
        new TarTarget(
            "top/",
            1,
            1,
            stream -> {
              throw reason;
            })) {
      RestorePath path = path(FileName.of("big"));
      assertThatThrownBy(
              () -> {
                try (var writer = target.file(path, node(path, 1L << 40))) {
                  while (true) {
                    writer.write(ByteBuffer.wrap(new byte[1 << 16]));
                  }
                }
              })
          .isInstanceOfSatisfying(
              LifeboatException.class, e -> assertThat(e).hasMessageContaining("disk is full"));
    }
  }

  @Test
  void aRestoreThatGivesUpDoesNotLookLikeAnEnd() throws Exception {
    var received = new AtomicLong();
    var failed = new CountDownLatch(1);
    TarTarget target =
        new TarTarget(
            "top/",
            1,
            1,
            stream -> {
              try {
                while (stream.read() >= 0) {
                  received.incrementAndGet();
                }
              } catch (IOException e) {
                failed.countDown();
                throw new UncheckedIOException(e);
              }
            });
    write(target, path(FileName.of("one")), new byte[100]);
    target.close();
    failed.await();
    assertThat(failed.getCount()).isZero();
  }

  @Test
  void aFileThatStoppedShortIsNeverCommitted() throws Exception {
    try (TarTarget target = target()) {
      RestorePath path = path(FileName.of("short"));
      try (var writer = target.file(path, node(path, 100))) {
        writer.write(ByteBuffer.wrap(new byte[99]));
        assertThatThrownBy(writer::complete).isInstanceOf(IllegalStateException.class);
      }
      assertThatThrownBy(target::commit).isInstanceOf(IllegalStateException.class);
    }
    assertThat(folder.resolve("top").resolve("short")).doesNotExist();
  }

  @Test
  void aSlowReceiverHoldsTheWriterAtAFewBlocks() throws Exception {
    var go = new CountDownLatch(1);
    var written = new AtomicLong();
    try (TarTarget target =
        new TarTarget(
            "top/",
            1,
            1,
            stream -> {
              try {
                go.await();
                stream.transferTo(java.io.OutputStream.nullOutputStream());
              } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
              }
            })) {
      Thread writer =
          Thread.ofPlatform()
              .start(() -> {
                RestorePath path = path(FileName.of("big"));
                try (var file = target.file(path, node(path, 64L << 20))) {
                  for (int i = 0; i < 1024; i++) {
                    file.write(ByteBuffer.wrap(new byte[1 << 16]));
                    written.addAndGet(1 << 16);
                  }
                  file.complete();
                }
                target.commit();
              });
      long most = (BoundedPipe.BLOCKS + 2L) * BoundedPipe.BLOCK_BYTES;
      while (written.get() < BoundedPipe.BLOCKS * (long) BoundedPipe.BLOCK_BYTES) {
        Thread.onSpinWait();
      }
      assertThat(written.get()).isLessThanOrEqualTo(most);
      go.countDown();
      writer.join();
      assertThat(written.get()).isEqualTo(64L << 20);
    }
  }
}
