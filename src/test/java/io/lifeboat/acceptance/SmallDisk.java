package io.lifeboat.acceptance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** A disk that is soon full: a file system in memory, which only root may mount. */
final class SmallDisk implements AutoCloseable {
  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  static SmallDisk mount(Path folder, int kibibytes) throws Exception {
    Files.createDirectories(folder);
    assumeTrue("root".equals(System.getProperty("user.name")), "only root may mount a small disk");
    String size = "size=" + kibibytes + "k";
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", size, "lifeboat-test", folder.toString()) == 0,
        "this machine does not let its root mount a file system");
    return new SmallDisk(folder);
  }

  Path folder() {
    return folder;
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  @Override
  public void close() throws Exception {
    int status = run("umount", folder.toString());
    if (status != 0) {
      throw new IllegalStateException("umount ended with " + status);
    }
  }
}
