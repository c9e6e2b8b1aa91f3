package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.TransientException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Attributes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;

/** What a server or network may do to a stream, played from a script. */
class BackupStreamTest {
  private static final String ARCHIVE = "base.tar\0\0";

  @Test
  void anArchiveInPiecesOfAnySizeIsWhole() throws Exception {
    byte[] tar = tar("PG_VERSION", "18\n");
    for (int piece : new int[] {1, 7, 511, 512, 513, tar.length}) {
      try (var server = new ScriptedServer()) {
        server.copyData('n', ARCHIVE);
        for (int start = 0; start < tar.length; start += piece) {
          server.copyData('p', "12345678");
          server.copyData('d', Arrays.copyOfRange(tar, start, Math.min(start + piece, tar.length)));
        }
        server.copyData('m', "").copyData('d', "{}").message('c', new byte[0]);
        ServerMessages messages = server.connect();
        var stream = new BackupStream(messages);
        assertThat(stream.next()).isEqualTo(new BackupStream.Part.Archive("base.tar", ""));
        assertThat(cut(stream)).containsExactly("PG_VERSION=18\n");
        assertThat(stream.next()).isEqualTo(new BackupStream.Part.Manifest());
        assertThat(stream.content().readAllBytes()).isEqualTo(new byte[] {'{', '}'});
        assertThat(stream.next()).isEqualTo(new BackupStream.Part.End());
      }
    }
  }

  @Test
  void anArchiveThatEndsBetweenTwoFilesIsNotTakenForAWholeOne() throws Exception {
    byte[] tar = tar("PG_VERSION", "18\n");
    // Header and contents of the one file are whole; only the terminator is missing.
    assertBroken(Arrays.copyOf(tar, 1024));
    assertBroken(Arrays.copyOf(tar, 1024 + 512));
    assertBroken(new byte[0]);
  }

  @Test
  void anArchiveThatEndsWithinAFileIsBroken() throws Exception {
    assertBroken(Arrays.copyOf(tar("a", "x".repeat(2000)), 1024));
  }

  @Test
  void anEntryThatLeadsOutOfTheClusterIsRefused() throws Exception {
    assertBroken(tar("base/../../etc/passwd", "root"));
  }

  @Test
  void aConnectionThatBreaksAtAnyByteIsLoud() throws Exception {
    int length = wholeStream(new ScriptedServer()).length();
    for (int cut = 0; cut < length; cut += 97) {
      try (var server = new ScriptedServer()) {
        ServerMessages messages = wholeStream(server).cutAfter(cut);
        TransientException failure =
            catchThrowableOfType(TransientException.class, () -> readAll(messages));
        assertThat(failure).as("cut after %d of %d bytes", cut, length).isNotNull();
        assertThat(failure.code()).isEqualTo(ErrorCode.BASE_BACKUP_FAILED);
      }
    }
  }

  @Test
  void anErrorOfTheServerInTheMiddleKeepsItsWords() throws Exception {
    try (var server = new ScriptedServer()) {
      server
          .copyData('n', ARCHIVE)
          .copyData('d', Arrays.copyOf(tar("a", "b"), 100))
          .error("ERROR", "58P01", "could not open file \"base/5/1\"");
      ServerMessages messages = server.connect();
      LifeboatException failure =
          catchThrowableOfType(LifeboatException.class, () -> readAll(messages));
      assertThat(failure.code()).isEqualTo(ErrorCode.BASE_BACKUP_FAILED);
      assertThat(failure).hasMessageContaining("could not open file \"base/5/1\" [58P01]");
    }
  }

  @Test
  void damagedPagesOfTheServerAreNamedAsSuch() throws Exception {
    try (var server = new ScriptedServer()) {
      server.error("ERROR", "XX001", "checksum verification failure during base backup");
      ServerMessages messages = server.connect();
      LifeboatException failure = catchThrowableOfType(LifeboatException.class, messages::next);
      assertThat(failure.hint()).contains("damaged pages");
    }
  }

  @Test
  void aMessageOfAnotherProtocolIsRefused() throws Exception {
    for (char kind : new char[] {'d', 'x', 0}) {
      try (var server = new ScriptedServer()) {
        ServerMessages messages = server.copyData(kind, "bytes").connect();
        LifeboatException failure =
            catchThrowableOfType(LifeboatException.class, () -> new BackupStream(messages).next());
        assertThat(failure.code()).isEqualTo(ErrorCode.BASE_BACKUP_FAILED);
      }
    }
  }

  @Test
  void anImpossibleLengthIsRefused() throws Exception {
    try (var server = new ScriptedServer()) {
      server.message('d', new byte[8]);
      ServerMessages messages = server.cutAfter(1);
      assertThat(catchThrowableOfType(LifeboatException.class, messages::next)).isNotNull();
    }
  }

  private static void assertBroken(byte[] tar) throws Exception {
    try (var server = new ScriptedServer()) {
      server.copyData('n', ARCHIVE);
      if (tar.length > 0) {
        server.copyData('d', tar);
      }
      ServerMessages messages = server.message('c', new byte[0]).connect();
      TransientException failure =
          catchThrowableOfType(TransientException.class, () -> readAll(messages));
      assertThat(failure).as("%d bytes", tar.length).isNotNull();
      assertThat(failure.code()).isEqualTo(ErrorCode.BASE_BACKUP_FAILED);
      assertThat(failure).hasMessageContaining("base.tar");
    }
  }

  private static ScriptedServer wholeStream(ScriptedServer server) throws IOException {
    return server
        .copyData('n', ARCHIVE)
        .copyData('d', tar("PG_VERSION", "18\n"))
        .copyData('m', "")
        .copyData('d', "{}")
        .message('c', new byte[0]);
  }

  private static void readAll(ServerMessages messages) throws IOException {
    var stream = new BackupStream(messages);
    while (true) {
      switch (stream.next()) {
        case BackupStream.Part.Archive _ -> cut(stream);
        case BackupStream.Part.Manifest _ -> stream.content().readAllBytes();
        case BackupStream.Part.End _ -> {
          return;
        }
      }
    }
  }

  private static List<String> cut(BackupStream stream) {
    var files = new ArrayList<String>();
    var consumer =
        new BaseBackupConsumer() {
          @Override
          public void directory(BaseBackupPath path, Attributes attributes) {}

          @Override
          public void file(BaseBackupPath path, Attributes a, long size, InputStream content)
              throws IOException {
            files.add(path + "=" + new String(content.readAllBytes(), StandardCharsets.UTF_8));
          }

          @Override
          public void symlink(BaseBackupPath path, Attributes attributes, byte[] target) {}
        };
    var pages = new PageWatch(Optional.empty(), new PageSuspects(new Lsn(0)));
    new TarCutter(Optional.empty(), "base.tar", consumer, pages, Optional.empty(), Progress.none())
        .cut(stream.content());
    return files;
  }

  /** One file, and the two blocks of zeros that PostgreSQL ends with; no padding to records. */
  private static byte[] tar(String name, String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    var out = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(out, 512)) {
      var entry = new TarArchiveEntry(name);
      entry.setSize(bytes.length);
      tar.putArchiveEntry(entry);
      tar.write(bytes);
      tar.closeArchiveEntry();
    }
    return out.toByteArray();
  }
}
