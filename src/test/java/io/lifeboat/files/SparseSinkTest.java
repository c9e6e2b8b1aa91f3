package io.lifeboat.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SparseSinkTest {
  private static final int HOLE = SparseSink.HOLE_BYTES;

  private final Recorder.Contents contents = new Recorder.Contents();

  @Test
  void alignedZerosAreHolesAndNeighboursAreOne() {
    byte[] block = new byte[4 * HOLE];
    block[0] = 1;
    block[4 * HOLE - 1] = 1;

    send(block, new byte[4 * HOLE], new byte[2 * HOLE]);

    assertThat(contents.holes).containsExactly(2L * HOLE, 6L * HOLE);
    assertThat(contents.bytes.toByteArray()).startsWith(block).hasSize(10 * HOLE);
  }

  @Test
  void zerosThatDoNotFillTheGridAreBytes() {
    byte[] block = new byte[2 * HOLE];
    block[HOLE - 1] = 1;
    block[HOLE] = 1;

    send(block, new byte[HOLE - 1]);

    assertThat(contents.holes).isEmpty();
    assertThat(contents.bytes.size()).isEqualTo(3 * HOLE - 1);
  }

  @Test
  void whateverPassesComesOutAsItWentIn() {
    for (int seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      byte[] all = new byte[random.nextInt(12 * HOLE)];
      for (int at = 0; at < all.length; at += HOLE) {
        if (random.nextBoolean()) {
          all[Math.min(all.length - 1, at + random.nextInt(HOLE))] = 1;
        }
      }
      var passed = new Recorder.Contents();
      var sparse = new SparseSink(passed);
      for (int at = 0; at < all.length; at += 4 * HOLE) {
        byte[] block = Arrays.copyOfRange(all, at, Math.min(all.length, at + 4 * HOLE));
        sparse.write(block, block.length);
      }
      sparse.end();

      assertThat(passed.bytes.toByteArray()).as("seed " + seed).isEqualTo(all);
    }
  }

  private void send(byte[]... blocks) {
    var sparse = new SparseSink(contents);
    for (byte[] block : blocks) {
      sparse.write(block, block.length);
    }
    sparse.end();
  }
}
