package io.lifeboat.drill;

import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Content;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.restore.RestorePath;
import io.lifeboat.restore.RestoreTarget;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Writes to another target what was never in the snapshot, or leaves out what is: for negative
 * controls. As thread-safe as that target.
 */
final class DamagedTarget implements RestoreTarget {
  private static final RestorePath VERSION =
      new RestorePath(List.of(FileName.of("data"), FileName.of("PG_VERSION")));
  private static final FileName EXTRA = FileName.of("lifeboat-extra-file");
  private static final Attributes PLAIN = new Attributes(0600, 0, 0, "", "", Instant.EPOCH);
  private static final FileWriter NOWHERE =
      new FileWriter() {
        @Override
        public void write(ByteBuffer bytes) {}

        @Override
        public void hole(long lengthBytes) {}

        @Override
        public void complete() {}

        @Override
        public void close() {}
      };

  private final RestoreTarget target;
  private final Damage damage;
  private final AtomicReference<Optional<RestorePath>> victim =
      new AtomicReference<>(Optional.empty());

  /**
   * In front of a target.
   *
   * @param damage of the contents of files
   */
  DamagedTarget(RestoreTarget target, Damage damage) {
    this.target = target;
    this.damage = damage;
  }

  @Override
  public void directory(RestorePath path, Attributes attributes) {
    target.directory(path, attributes);
  }

  @Override
  public boolean hasHardLinks() {
    return target.hasHardLinks();
  }

  @Override
  public boolean takesFilesTogether() {
    return target.takesFilesTogether();
  }

  @Override
  public FileWriter file(RestorePath path, Node.RegularFile node) {
    return switch (damage) {
      case WRONG_MAJOR ->
          path.equals(VERSION) ? new Overwritten(target.file(path, node)) : target.file(path, node);
      case MISSING_FILE -> isVictim(path, node) ? NOWHERE : target.file(path, node);
      case EMPTY_FILE -> {
        if (!isVictim(path, node)) {
          yield target.file(path, node);
        }
        writeEmpty(path, node.attributes());
        yield NOWHERE;
      }
      default -> target.file(path, node);
    };
  }

  /** The first file that has any bytes, and one name. */
  private boolean isVictim(RestorePath path, Node.RegularFile node) {
    return node.content().sizeBytes() > 0
        && node.linkGroup() == 0
        && (victim.compareAndSet(Optional.empty(), Optional.of(path))
            || victim.get().equals(Optional.of(path)));
  }

  private void writeEmpty(RestorePath path, Attributes attributes) {
    var nothing =
        new Node.RegularFile(
            path.name(), attributes, new Content.Inline(0, List.of()), Optional.empty(), 0);
    try (FileWriter writer = target.file(path, nothing)) {
      writer.complete();
    }
  }

  @Override
  public boolean hardLink(RestorePath path, RestorePath existing) {
    return target.hardLink(path, existing);
  }

  @Override
  public void symlink(RestorePath path, Node.Symlink node) {
    target.symlink(path, node);
  }

  @Override
  public void commit() {
    if (damage == Damage.EXTRA_FILE) {
      writeEmpty(RestorePath.root().child(EXTRA), PLAIN);
    }
    target.commit();
  }

  @Override
  public void close() {
    target.close();
  }

  /** Each digit becomes a nine. */
  private record Overwritten(FileWriter writer) implements FileWriter {
    @Override
    public void write(ByteBuffer bytes) {
      var text = StandardCharsets.US_ASCII.decode(bytes).toString().replaceAll("[0-9]", "9");
      writer.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public void hole(long lengthBytes) {
      writer.hole(lengthBytes);
    }

    @Override
    public void complete() {
      writer.complete();
    }

    @Override
    public void close() {
      writer.close();
    }
  }
}
