package io.lifeboat.files;

import io.lifeboat.progress.Progress;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;

/** Opens the files that a walk found. For the walk's own thread. */
public final class FileContents {
  private final UnixLook look = new UnixLook();
  private final Warnings warnings;
  private final Progress progress;

  /** A reader that warns here and can be cancelled there. */
  public FileContents(Warnings warnings, Progress progress) {
    this.warnings = warnings;
    this.progress = progress;
  }

  /**
   * Opens a file that was just looked at, or answers empty, with a warning, if it is gone or cannot
   * be read. Close what is answered.
   */
  public Optional<OpenFile> open(FileEntry.RegularFile file) {
    try {
      // Not through a link that took the file's place since the walk.
      var channel =
          FileChannel.open(file.path(), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
      return Optional.of(new OpenFile(file, channel, look, warnings, progress));
    } catch (IOException e) {
      warnings.add("Left out " + file.path() + ": " + Unreadable.reason(e));
      return Optional.empty();
    }
  }
}
