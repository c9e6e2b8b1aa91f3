package io.lifeboat.app;

import io.lifeboat.browse.TarArchive;
import io.lifeboat.browse.ZipArchive;
import io.lifeboat.crypto.CipherWarmUp;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.restore.FolderTarget;
import io.lifeboat.restore.RestoreEngine;
import io.lifeboat.restore.RestoreSelection;
import io.lifeboat.restore.RestoreTarget;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat dump}. */
final class DumpCommand implements Command {
  private static final String STANDARD_OUTPUT = "-";
  private static final int BUFFER_BYTES = 1 << 18;

  @Override
  public String name() {
    return "dump";
  }

  @Override
  public String help() {
    return "stream what is below a path of a snapshot as a tar or zip archive";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.snapshotArguments(parser);
    var form = parser.addMutuallyExclusiveGroup().required(true);
    form.addArgument("--tar").metavar("FILE").help("a tar archive with all that is known; or -");
    form.addArgument("--zip").metavar("FILE").help("a zip archive; or - for standard output");
    parser.addArgument("path").metavar("PATH").nargs("?").help("only this and what is below it");
  }

  @Override
  public int run(Session session) {
    CipherWarmUp.start();
    Optional<String> tar = session.optional("tar");
    String file = tar.orElseGet(() -> session.text("zip"));
    Function<OutputStream, RestoreTarget> form =
        tar.isPresent() ? TarArchive::new : ZipArchive::new;
    Output output = session.output();
    try (SnapshotReader snapshot =
        session.engines().read(session.text("source"), session.snapshot())) {
      if (file.equals(STANDARD_OUTPUT)) {
        write(
            session, snapshot, form.apply(new BufferedOutputStream(output.stream(), BUFFER_BYTES)));
        return 0;
      }
      session.requireApart(Path.of(file));
      RestoreEngine.Restored written = toFile(session, snapshot, form, Path.of(file));
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("snapshot", snapshot.root().info().id());
      document.put("bytes", written.bytes());
      document.put("files", written.files());
      document.put("file", file);
      output.answer(
          document,
          () ->
              output.line(
                  "Wrote "
                      + Output.size(written.bytes())
                      + " in "
                      + written.files()
                      + " files to "
                      + file));
    }
    return 0;
  }

  private static RestoreEngine.Restored write(
      Session session, SnapshotReader snapshot, RestoreTarget target) {
    RestoreSelection selection =
        session.optional("path").map(RestoreSelection::of).orElseGet(RestoreSelection::everything);
    try (target) {
      return new RestoreEngine().restore(snapshot, selection, target, session.progress());
    }
  }

  /** Writes a new file, which is gone again if it does not get whole. */
  private static RestoreEngine.Restored toFile(
      Session session,
      SnapshotReader snapshot,
      Function<OutputStream, RestoreTarget> form,
      Path file) {
    boolean whole = false;
    boolean made = false;
    try {
      RestoreEngine.Restored written;
      try (OutputStream out =
          new BufferedOutputStream(
              Files.newOutputStream(file, StandardOpenOption.CREATE_NEW), BUFFER_BYTES)) {
        made = true;
        written = write(session, snapshot, form.apply(out));
      }
      whole = true;
      return written;
    } catch (FileAlreadyExistsException e) {
      throw new PermanentException(
          ErrorCode.TARGET_NOT_EMPTY,
          file + " exists",
          "Name a file that does not exist; nothing is overwritten.",
          e);
    } catch (IOException e) {
      throw FolderTarget.failed(file, e, "nothing is left of it.");
    } finally {
      if (made && !whole) {
        remove(file);
      }
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "The unfinished archive " + file + " could not be removed: " + e.getMessage(),
          "Remove it.",
          e);
    }
  }
}
