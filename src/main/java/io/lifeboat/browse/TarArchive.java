package io.lifeboat.browse;

import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Node;
import io.lifeboat.restore.RestorePath;
import io.lifeboat.restore.TarStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;

/** A tar archive: all that a snapshot knows of an entry, to the byte and the nanosecond. */
public final class TarArchive extends ArchiveTarget {
  private static final byte[] NO_LINK = new byte[0];
  private static final int LINK_MODE = 0777;

  private final OutputStream out;
  private final TarStream tar;

  /** An archive to this stream. */
  public TarArchive(OutputStream out) {
    this.out = out;
    this.tar = new TarStream(out);
  }

  @Override
  void begin(RestorePath path, Node.RegularFile node) throws IOException {
    header(
        TarStream.FILE,
        path,
        NO_LINK,
        node.attributes().mode(),
        node.content().sizeBytes(),
        node.attributes());
  }

  @Override
  OutputStream contents() {
    return out;
  }

  @Override
  void end(long sizeBytes) throws IOException {
    tar.pad(sizeBytes);
  }

  @Override
  void folder(RestorePath path, Attributes attributes) throws IOException {
    header(TarStream.DIRECTORY, path, NO_LINK, attributes.mode(), 0, attributes);
  }

  @Override
  void link(RestorePath path, Node.Symlink node) throws IOException {
    header(TarStream.SYMBOLIC_LINK, path, node.target(), LINK_MODE, 0, node.attributes());
  }

  @Override
  void otherName(RestorePath path, RestorePath first) throws IOException {
    // Another name has nothing of its own: programs take the attributes of the first.
    var none = new Attributes(0, 0, 0, "", "", Instant.EPOCH);
    header(TarStream.HARD_LINK, path, first.bytes(), 0, 0, none);
  }

  @Override
  void finish() throws IOException {
    tar.end();
    out.flush();
  }

  private void header(
      byte type, RestorePath path, byte[] link, int mode, long size, Attributes attributes)
      throws IOException {
    var owner =
        new TarStream.Owner(
            attributes.uid(), attributes.gid(), attributes.user(), attributes.group());
    tar.header(
        new TarStream.Header(type, path.bytes(), link, mode, owner, size, attributes.modifiedAt()));
  }
}
