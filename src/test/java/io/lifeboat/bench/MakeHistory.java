package io.lifeboat.bench;

import io.lifeboat.crypto.KeyFiles;
import io.lifeboat.repository.SyntheticHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code MakeHistory STORE-FOLDER SERVICE-KEY SPOOL PLAN SNAPSHOTS CHUNKS}: fills the new
 * repository in a folder with so many synthetic snapshots that store so many chunks in all, a tenth
 * of them the first.
 */
public final class MakeHistory {
  private MakeHistory() {}

  /** Prints {@code PACKS CHUNKS}. */
  public static void main(String[] args) throws IOException {
    if (args.length != 6) {
      throw new IllegalArgumentException(
          "usage: MakeHistory STORE-FOLDER SERVICE-KEY SPOOL PLAN SNAPSHOTS CHUNKS");
    }
    int snapshots = Integer.parseInt(args[4]);
    int chunks = Integer.parseInt(args[5]);
    var history =
        new SyntheticHistory(
            new HastyFolder(Path.of(args[0])),
            KeyFiles.readServiceKey(Path.of(args[1])).value(),
            Files.createDirectories(Path.of(args[2])),
            args[3],
            chunks / 10);
    history.write(snapshots, Math.ceilDiv(chunks - chunks / 10, Math.max(1, snapshots - 1)));
    System.out.println(history.packs() + " " + history.chunks());
  }
}
