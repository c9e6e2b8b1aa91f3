package io.lifeboat.backup;

import io.lifeboat.postgres.BaseBackupPath;
import io.lifeboat.repository.CachedContent;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.StoredContent;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * The bytes of a {@link KeptParent} on disk:
 *
 * <pre>
 * file := magic 8 || run snapshot || run system identifier || checksums u8 || incrementals 4
 *         || bytes since full 8 || size 8 || extents 8 || run manifest || number of files 4 || entry* || CRC-32C 4
 * entry := tablespace oid 8, 0 for the data directory || number of names 4 || run name*
 *          || run content, see {@link CachedContent}
 * run   := length 4 || bytes
 * </pre>
 *
 * <p>Mapped, not read: of a file, the heap holds its path. At most 2 GiB, which is some fifty
 * million extents.
 */
final class ParentFile {
  private static final long MAGIC = 0x4c42504152454e31L; // "LBPAREN1"

  private ParentFile() {}

  /** Writes a file that nobody but its owner can read. */
  static void write(
      Path path, KeptParent.About about, byte[] manifest, Map<BaseBackupPath, StoredContent> files)
      throws IOException {
    Files.deleteIfExists(path);
    Files.createFile(
        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    var checksum = new CRC32C();
    try (var file = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path)))) {
      var out = new DataOutputStream(new CheckedOutputStream(file, checksum));
      out.writeLong(MAGIC);
      run(out, about.snapshot().getBytes(StandardCharsets.UTF_8));
      run(out, about.systemIdentifier().getBytes(StandardCharsets.UTF_8));
      out.writeByte(about.haveChecksums() ? 1 : 0);
      out.writeInt(about.incrementals());
      out.writeLong(about.bytesSinceFull());
      out.writeLong(about.sizeBytes());
      out.writeLong(about.extents());
      run(out, manifest);
      out.writeInt(files.size());
      for (Map.Entry<BaseBackupPath, StoredContent> entry : files.entrySet()) {
        BaseBackupPath name = entry.getKey();
        out.writeLong(name.tablespaceOid().orElse(0L));
        out.writeInt(name.components().size());
        for (FileName component : name.components()) {
          run(out, component.bytes());
        }
        run(out, CachedContent.encode(entry.getValue()));
      }
      out.flush();
      file.writeInt((int) checksum.getValue());
    }
  }

  private static void run(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /**
   * Opens what {@link #write} wrote.
   *
   * @throws IOException if it cannot be read, or is something else
   */
  static KeptParent read(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, Set.of(StandardOpenOption.READ))) {
      long size = channel.size();
      if (size < Long.BYTES + Integer.BYTES || size > Integer.MAX_VALUE) {
        throw new IOException("it has " + size + " bytes");
      }
      ByteBuffer file = channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
      int end = file.limit() - Integer.BYTES;
      var checksum = new CRC32C();
      checksum.update(file.slice(0, end));
      if ((int) checksum.getValue() != file.getInt(end) || file.getLong(0) != MAGIC) {
        throw new IOException("it is no such file of this version, or damaged");
      }
      return read(file.slice(Long.BYTES, end - Long.BYTES));
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new IOException("it is damaged", e);
    }
  }

  private static KeptParent read(ByteBuffer in) {
    var about =
        new KeptParent.About(
            text(in),
            text(in),
            in.get() == 1,
            in.getInt(),
            in.getLong(),
            in.getLong(),
            in.getLong());
    byte[] manifest = bytes(in);
    Map<BaseBackupPath, ByteBuffer> files = new HashMap<>();
    for (int left = in.getInt(); left > 0; left--) {
      long oid = in.getLong();
      List<FileName> names = new ArrayList<>();
      for (int name = in.getInt(); name > 0; name--) {
        names.add(FileName.of(bytes(in)));
      }
      Optional<Long> tablespace = oid == 0 ? Optional.empty() : Optional.of(oid);
      files.put(new BaseBackupPath(tablespace, names), run(in));
    }
    return new KeptParent(about, manifest, files);
  }

  private static String text(ByteBuffer in) {
    return new String(bytes(in), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(ByteBuffer in) {
    ByteBuffer run = run(in);
    byte[] bytes = new byte[run.remaining()];
    run.get(bytes);
    return bytes;
  }

  private static ByteBuffer run(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    ByteBuffer run = in.slice(in.position(), length);
    in.position(in.position() + length);
    return run;
  }
}
