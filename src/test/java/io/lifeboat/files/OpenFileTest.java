package io.lifeboat.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.FileName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFileTest {
  private static final int BYTES = 1_000_000;

  @TempDir private Path folder;
  private final Warnings warnings = new Warnings(Progress.none());
  private Path file;

  /** What somebody else does to the file between two of our reads. */
  private interface Meddling {
    void run() throws IOException;
  }

  @BeforeEach
  void create() throws IOException {
    byte[] bytes = new byte[BYTES];
    Arrays.fill(bytes, (byte) 'x');
    file = Files.write(folder.resolve("file"), bytes);
    Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
  }

  @Test
  void aFileThatGrowsIsReadToItsLengthAndCalledChanged() {
    var contents = read(() -> Files.write(file, new byte[10], StandardOpenOption.APPEND));

    assertChanged(contents);
    assertThat(contents.bytes.size()).isEqualTo(BYTES);
  }

  @Test
  void aFileThatShrinksIsCalledChanged() {
    assertChanged(
        read(() -> {
          try (var out = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
            out.truncate(1);
          }
        }));
  }

  @Test
  void aFileThatIsWrittenToIsCalledChangedEvenIfItsTimeIsSetBack() {
    assertChanged(
        read(() -> {
          try (var out = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(new byte[] {1}));
          }
          Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
        }));
  }

  @Test
  void aFileThatIsReplacedIsCalledChanged() {
    assertChanged(
        read(() -> {
          Path other = Files.write(folder.resolve("other"), new byte[BYTES]);
          Files.setLastModifiedTime(other, FileTime.from(Instant.EPOCH));
          Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        }));
  }

  @Test
  void aFileThatWasReplacedBeforeItWasOpenedIsCalledChanged() throws IOException {
    FileEntry.RegularFile before = entry();
    Path other = Files.write(folder.resolve("other"), new byte[BYTES]);
    Files.setLastModifiedTime(other, FileTime.from(Instant.EPOCH));
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);

    var contents = new Recorder.Contents();
    try (OpenFile opened = new FileContents(warnings, Progress.none()).open(before).orElseThrow()) {
      contents.outcome = opened.copyTo(contents);
    }

    assertChanged(contents);
    assertThat(contents.bytes.size()).isEqualTo(BYTES);
  }

  @Test
  void aLinkThatTookTheFilesPlaceIsNotFollowed() throws IOException {
    FileEntry.RegularFile before = entry();
    Path secret = Files.writeString(folder.resolve("secret"), "not to be read");
    Files.delete(file);
    Files.createSymbolicLink(file, secret);

    assertThat(new FileContents(warnings, Progress.none()).open(before)).isEmpty();
    assertThat(warnings.sentences()).singleElement().asString().startsWith("Left out " + file);
  }

  @Test
  void aFileThatIsRemovedWhileItIsReadIsCalledChangedAndWhole() {
    var contents = read(() -> Files.delete(file));

    assertChanged(contents);
    assertThat(contents.bytes.size()).isEqualTo(BYTES);
  }

  @Test
  void aFileThatNobodyTouchesIsUnchanged() {
    assertThat(read(() -> {}).outcome).isEqualTo(OpenFile.Outcome.UNCHANGED);
    assertThat(warnings.count()).isZero();
  }

  @Test
  void readingStopsWhenSomebodyAsksForThat() {
    Progress cancelled =
        new Progress() {
          @Override
          public void phase(String name) {}

          @Override
          public void expect(long bytes) {}

          @Override
          public void advance(long bytes, long items) {}

          @Override
          public void event(String sentence) {}

          @Override
          public void checkCancelled() {
            throw new PermanentException(
                ErrorCode.CANCELLED, "Cancelled by a test", "Start again.");
          }
        };
    var contents = new FileContents(warnings, cancelled);

    try (OpenFile opened = contents.open(entry()).orElseThrow()) {
      assertThatExceptionOfType(PermanentException.class)
          .isThrownBy(() -> opened.copyTo(new Recorder.Contents()))
          .satisfies(stop -> assertThat(stop.code()).isEqualTo(ErrorCode.CANCELLED));
    }
  }

  private void assertChanged(Recorder.Contents contents) {
    assertThat(contents.outcome).isEqualTo(OpenFile.Outcome.CHANGED);
    assertThat(warnings.sentences()).containsExactly("Changed while it was read: " + file);
  }

  /** Reads the file; the meddling happens once, when the first bytes have been read. */
  private Recorder.Contents read(Meddling meddling) {
    var contents = new Recorder.Contents();
    var sink =
        new ContentSink() {
          private boolean done;

          @Override
          public void write(byte[] bytes, int offset, int lengthBytes) {
            contents.write(bytes, offset, lengthBytes);
            if (!done) {
              done = true;
              try {
                meddling.run();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
          }

          @Override
          public void hole(long lengthBytes) {
            contents.hole(lengthBytes);
          }
        };
    try (OpenFile opened =
        new FileContents(warnings, Progress.none()).open(entry()).orElseThrow()) {
      contents.outcome = opened.copyTo(sink);
      return contents;
    }
  }

  private FileEntry.RegularFile entry() {
    try {
      return (FileEntry.RegularFile)
          ((UnixLook.Found.Kept) new UnixLook().at(file, FileName.of("file"))).entry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
