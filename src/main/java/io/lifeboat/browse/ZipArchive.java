package io.lifeboat.browse;

import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Node;
import io.lifeboat.restore.RestorePath;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.attribute.FileTime;
import org.apache.commons.compress.archivers.zip.X7875_NewUnix;
import org.apache.commons.compress.archivers.zip.Zip64Mode;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/**
 * A zip archive, for machines that open nothing else. It has Unix modes, owners' numbers and
 * symbolic links; files with several names are stored once for each, and names that are not UTF-8
 * are not kept to the byte.
 */
public final class ZipArchive extends ArchiveTarget {
  private static final int REGULAR_FILE = 0100000;
  private static final int FOLDER = 0040000;
  private static final int LINK = 0120777;

  private final ZipArchiveOutputStream zip;

  /** An archive to this stream. */
  public ZipArchive(OutputStream out) {
    this.zip = new ZipArchiveOutputStream(out);
    zip.setUseLanguageEncodingFlag(true);
    zip.setUseZip64(Zip64Mode.AsNeeded);
  }

  @Override
  public boolean hasHardLinks() {
    return false;
  }

  @Override
  void begin(RestorePath path, Node.RegularFile node) throws IOException {
    ZipArchiveEntry entry =
        entry(path.toString(), REGULAR_FILE | node.attributes().mode(), node.attributes());
    entry.setSize(node.content().sizeBytes());
    zip.putArchiveEntry(entry);
  }

  @Override
  OutputStream contents() {
    return zip;
  }

  @Override
  void end(long sizeBytes) throws IOException {
    zip.closeArchiveEntry();
  }

  @Override
  void folder(RestorePath path, Attributes attributes) throws IOException {
    zip.putArchiveEntry(entry(path + "/", FOLDER | attributes.mode(), attributes));
    zip.closeArchiveEntry();
  }

  @Override
  void link(RestorePath path, Node.Symlink node) throws IOException {
    ZipArchiveEntry entry = entry(path.toString(), LINK, node.attributes());
    entry.setSize(node.target().length);
    zip.putArchiveEntry(entry);
    zip.write(node.target());
    zip.closeArchiveEntry();
  }

  @Override
  void otherName(RestorePath path, RestorePath first) {
    throw new IllegalStateException("A zip archive has no hard links");
  }

  @Override
  void finish() throws IOException {
    zip.finish();
    zip.flush();
  }

  private static ZipArchiveEntry entry(String name, int mode, Attributes attributes) {
    var entry = new ZipArchiveEntry(name);
    entry.setUnixMode(mode);
    entry.setLastModifiedTime(FileTime.from(attributes.modifiedAt()));
    var owner = new X7875_NewUnix();
    owner.setUID(Integer.toUnsignedLong(attributes.uid()));
    owner.setGID(Integer.toUnsignedLong(attributes.gid()));
    entry.addExtraField(owner);
    return entry;
  }
}
