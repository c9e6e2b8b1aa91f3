package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.crypto.AgeFiles;
import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.crypto.XWingIdentity;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackSizesTest {
  private static final PackSizes SIZES = new PackSizes(1 << 20, 1 << 18, 0);
  private static final int PACKS = 60;

  @TempDir Path spool;
  private final SecureRandom random = new SecureRandom();
  private final Session session =
      new Session(
          random,
          new AgeFiles(random),
          new Session.Recipients(List.of(XWingIdentity.generate(random).recipient()), List.of()));

  @Test
  void fullPacksAreHardlyPadded() {
    var chances = new Random(5);
    long chunks = 0;
    long packs = 0;
    for (int n = 0; n < PACKS; n++) {
      OpenPack pack = openPack(n);
      long mine = 0;
      while (!SIZES.isFull(pack)) {
        mine += add(pack, 5_000 + chances.nextInt(20_000));
      }
      long stored = pack.finish(new MessageSealer(random), random).ref().sizeBytes();
      assertThat(stored)
          .isEqualTo(PackLayout.padme(stored))
          .isGreaterThan(SIZES.dataBytes() * 3 / 4);
      chunks += mine;
      packs += stored;
    }
    // Footers are half a percent of packs as small as these.
    assertThat(packs - chunks).isLessThan(chunks / 100);
  }

  @Test
  void aPackThatSomebodySealsForIsNotClosedForItsPaddingsSake() {
    OpenPack pack = openPack(0);
    while (!SIZES.isFull(pack)) {
      add(pack, 10_000);
    }
    assertThat(pack.sizeBytes()).isLessThan(SIZES.dataBytes());
    pack.expectOne();
    assertThat(SIZES.isFull(pack)).isFalse();
  }

  private OpenPack openPack(int number) {
    return new OpenPack(number, PackKind.DATA, RepositoryId.random(random), session, spool);
  }

  private int add(OpenPack pack, int length) {
    byte[] sealed = new byte[length];
    random.nextBytes(sealed);
    pack.expectOne();
    pack.add(new ChunkId(new byte[32]), ChunkType.DATA, Codec.RAW, sealed, length);
    return length;
  }
}
