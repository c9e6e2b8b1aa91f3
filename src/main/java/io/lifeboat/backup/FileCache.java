package io.lifeboat.backup;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.files.FileEntry;
import io.lifeboat.files.RawName;
import io.lifeboat.repository.CachedContent;
import io.lifeboat.repository.StoredContent;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers the contents of files by path, size, times and inode, so that an unchanged file is not
 * opened. Disposable: without it, or when it is damaged, everything is read again and the backup is
 * the same. Paths are kept as hashes.
 *
 * <p>A file that was changed later than {@link #SETTLED} before the backup began is not remembered:
 * within one tick of the file system's clock, a later change would not show.
 */
final class FileCache {
  private static final Logger LOG = LoggerFactory.getLogger(FileCache.class);
  private static final Duration SETTLED = Duration.ofSeconds(2);
  private static final long MAGIC = 0x4c42434143484531L; // "LBCACHE1"
  private static final int HASH_BYTES = 32;

  private final Path file;
  private final Instant settledBefore;
  private final Map<Key, Entry> known;
  private final Map<Key, Entry> next = new ConcurrentHashMap<>();

  /**
   * The cache in a folder.
   *
   * @param started when the backup that uses it began: before it looked at any file
   */
  FileCache(Path folder, Instant started) {
    this.settledBefore = started.minus(SETTLED);
    this.file = folder.resolve("files");
    this.known = load(file);
  }

  /** Half of the SHA-256 of a path. */
  private record Key(long high, long low) {}

  /** How a file looked, and its contents as {@link CachedContent} writes them. */
  private record Entry(Look look, byte[] content) {}

  private record Look(
      long sizeBytes, Instant modifiedAt, Instant changedAt, long device, long inode) {
    static Look of(FileEntry.RegularFile file) {
      return new Look(
          file.sizeBytes(),
          file.attributes().modifiedAt(),
          file.changedAt(),
          file.identity().device(),
          file.identity().inode());
    }
  }

  /** The contents of a file that looks as it did when they were read. */
  Optional<StoredContent> find(FileEntry.RegularFile entry) {
    Entry found = known.get(key(entry.path()));
    if (found == null || !found.look().equals(Look.of(entry))) {
      return Optional.empty();
    }
    try {
      return Optional.of(CachedContent.decode(found.content()));
    } catch (LifeboatException e) {
      LOG.warn("cache=ignored reason={}", e.getMessage());
      return Optional.empty();
    }
  }

  /** Remembers a file for the next run. */
  void keep(FileEntry.RegularFile entry, StoredContent content) {
    if (entry.changedAt().isBefore(settledBefore)) {
      next.put(key(entry.path()), new Entry(Look.of(entry), CachedContent.encode(content)));
    }
  }

  private static Key key(Path path) {
    var hash = ByteBuffer.wrap(sha256().digest(RawName.bytes(path)));
    return new Key(hash.getLong(), hash.getLong());
  }

  /**
   * Replaces the file with what was kept in this run; a run that cannot have the file goes without.
   */
  void save() {
    try {
      Files.createDirectories(file.getParent());
      try (FileChannel lock =
              FileChannel.open(
                  file.resolveSibling("lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          var held = lock.tryLock()) {
        if (held != null) {
          write();
        }
      }
    } catch (IOException | OverlappingFileLockException e) {
      LOG.warn("cache=not-saved file={} reason={}", file, e.toString());
    }
  }

  private void write() throws IOException {
    Path temporary = file.resolveSibling("files.new");
    MessageDigest digest = sha256();
    try (OutputStream raw = new BufferedOutputStream(Files.newOutputStream(temporary), 1 << 16)) {
      var out = new DataOutputStream(new DigestOutputStream(raw, digest));
      out.writeLong(MAGIC);
      out.writeInt(next.size());
      for (Map.Entry<Key, Entry> entry : next.entrySet()) {
        write(out, entry.getKey(), entry.getValue());
      }
      raw.write(digest.digest());
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void write(DataOutputStream out, Key key, Entry entry) throws IOException {
    out.writeLong(key.high());
    out.writeLong(key.low());
    Look look = entry.look();
    out.writeLong(look.sizeBytes());
    out.writeLong(look.modifiedAt().getEpochSecond());
    out.writeInt(look.modifiedAt().getNano());
    out.writeLong(look.changedAt().getEpochSecond());
    out.writeInt(look.changedAt().getNano());
    out.writeLong(look.device());
    out.writeLong(look.inode());
    out.writeInt(entry.content().length);
    out.write(entry.content());
  }

  private static Map<Key, Entry> load(Path file) {
    Map<Key, Entry> entries = new HashMap<>();
    MessageDigest digest = sha256();
    try (var raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      var in = new DataInputStream(new DigestInputStream(raw, digest));
      if (in.readLong() != MAGIC) {
        throw new IOException("it is no cache of this version");
      }
      int count = in.readInt();
      for (int i = 0; i < count; i++) {
        var key = new Key(in.readLong(), in.readLong());
        entries.put(key, readEntry(in, Files.size(file)));
      }
      byte[] expected = digest.digest();
      if (!Arrays.equals(raw.readNBytes(HASH_BYTES), expected)) {
        throw new IOException("its hash does not match");
      }
      return entries;
    } catch (NoSuchFileException e) {
      return Map.of();
    } catch (IOException | IllegalArgumentException | java.time.DateTimeException e) {
      LOG.warn("cache=ignored file={} reason={}", file, e.toString());
      return Map.of();
    }
  }

  private static Entry readEntry(DataInputStream in, long fileBytes) throws IOException {
    var look =
        new Look(
            in.readLong(),
            Instant.ofEpochSecond(in.readLong(), in.readInt()),
            Instant.ofEpochSecond(in.readLong(), in.readInt()),
            in.readLong(),
            in.readLong());
    int length = in.readInt();
    if (length < 0 || length > fileBytes) {
      throw new IOException("an entry is longer than the file");
    }
    return new Entry(look, in.readNBytes(length));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
