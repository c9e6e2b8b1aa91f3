package io.lifeboat.drill.scratch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What exists, or is about to: one small file for each scratch, durable before the scratch is made
 * and deleted after it is proven gone. One file each, so that processes that share the folder never
 * write the same one. Thread-safe.
 */
final class Ledger {
  private static final String SUFFIX = ".json";
  private static final String DRAFT = ".draft";
  private static final String BY = "_"; // in no owner's token

  private final Path folder;
  private final ObjectMapper json = new ObjectMapper();

  Ledger(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw failed("create", folder, e);
    }
  }

  /** Writes an entry down, in place of one of the same id; it survives a crash from here on. */
  void record(LedgerEntry entry) {
    Path file = folder.resolve(entry.id() + SUFFIX);
    Path draft = folder.resolve(entry.owner() + BY + entry.id() + DRAFT);
    try {
      try (FileChannel channel =
          FileChannel.open(
              draft,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(json.writeValueAsBytes(entry));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
        directory.force(true);
      }
    } catch (IOException e) {
      throw failed("write", file, e);
    }
  }

  /** Everything that was recorded and not struck out. */
  List<LedgerEntry> entries() {
    List<LedgerEntry> entries = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (Path file : files) {
        read(file).ifPresent(entries::add);
      }
    } catch (IOException e) {
      throw failed("read", folder, e);
    }
    return entries;
  }

  /** Empty if its owner struck it out meanwhile. */
  private Optional<LedgerEntry> read(Path file) throws IOException {
    try {
      return Optional.of(json.readValue(Files.readAllBytes(file), LedgerEntry.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw failed("understand", file, e);
    }
  }

  /** Deletes what owners were writing when they died: what it names was never made. */
  void dropDrafts(Predicate<String> isDead) {
    try (DirectoryStream<Path> drafts = Files.newDirectoryStream(folder, "*" + DRAFT)) {
      for (Path draft : drafts) {
        String name = String.valueOf(draft.getFileName());
        if (isDead.test(name.substring(0, Math.max(0, name.indexOf(BY))))) {
          Files.deleteIfExists(draft);
        }
      }
    } catch (IOException e) {
      throw failed("tidy up", folder, e);
    }
  }

  /** Forgets a scratch that is proven gone; does nothing if that was done before. */
  void strike(String id) {
    Path file = folder.resolve(id + SUFFIX);
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failed("delete", file, e);
    }
  }

  private static PermanentException failed(String verb, Path path, IOException e) {
    return new PermanentException(
        ErrorCode.SCRATCH_UNAVAILABLE,
        "Cannot " + verb + " " + path + " of the scratch ledger: " + e.getMessage(),
        "Let the drills' work folder be writable and not full; without its ledger no scratch is"
            + " made.",
        e);
  }
}
