package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.fuzz.Fuzz;
import io.lifeboat.repository.Attributes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of which only blocks come. */
class IncrementalFileTest {
  private static final int PAGE_BYTES = 8192;
  private static final PageLayout LAYOUT = new PageLayout(PAGE_BYTES, 131_072);
  private static final int MAGIC = 0xd3ae1f0d;

  private static byte[] file(ByteOrder order, int magic, int count, int kept, int... blocks) {
    int head = 12 + 4 * blocks.length;
    int padded = blocks.length == 0 ? head : (head + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    ByteBuffer bytes = ByteBuffer.allocate(padded + blocks.length * PAGE_BYTES).order(order);
    bytes.putInt(magic).putInt(count).putInt(kept);
    for (int block : blocks) {
      bytes.putInt(block);
    }
    for (int i = 0; i < blocks.length; i++) {
      bytes.put(padded + i * PAGE_BYTES, (byte) (i + 1));
    }
    return bytes.array();
  }

  private static IncrementalFile read(byte[] file) throws IOException {
    return IncrementalFile.read(new ByteArrayInputStream(file), file.length, LAYOUT);
  }

  @Test
  void aHeadIsReadInEitherByteOrderUpToTheFirstBlock() throws Exception {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
      byte[] bytes = file(order, MAGIC, 3, 7, 0, 5, 9);
      var in = new ByteArrayInputStream(bytes);
      IncrementalFile file = IncrementalFile.read(in, bytes.length, LAYOUT);
      assertThat(file.blocks()).containsExactly(0, 5, 9);
      assertThat(file.keptBlocks()).isEqualTo(7);
      assertThat(file.sizeBytes()).isEqualTo(10 * PAGE_BYTES);
      assertThat(file.newBytes()).isEqualTo(3 * PAGE_BYTES);
      assertThat(in.read()).isEqualTo(1);
      assertThat(in.available()).isEqualTo(3 * PAGE_BYTES - 1);
    }
  }

  @Test
  void aFileWithoutBlocksIsTheParentsIfItIsAsLong() throws Exception {
    IncrementalFile file = read(file(ByteOrder.LITTLE_ENDIAN, MAGIC, 0, 4));
    assertThat(file.isUnchanged(4 * PAGE_BYTES)).isTrue();
    assertThat(file.isUnchanged(5 * PAGE_BYTES)).isFalse();
    assertThat(file.withoutZerosAtItsEnd(3 * PAGE_BYTES).sizeBytes()).isEqualTo(3 * PAGE_BYTES);
  }

  /** So many block numbers that they fill more than one block, and exactly one. */
  @ParameterizedTest
  @CsvSource({"2045", "2046", "5000"})
  void manyBlockNumbersArePaddedToWholeBlocks(int count) throws Exception {
    int[] blocks = new int[count];
    for (int i = 0; i < count; i++) {
      blocks[i] = 3 * i;
    }
    assertThat(read(file(ByteOrder.LITTLE_ENDIAN, MAGIC, count, 1, blocks)).blocks())
        .isEqualTo(blocks);
  }

  @Test
  void whatIsNoSuchFileIsRefusedWithTheReason() {
    Map<String, byte[]> bad = new LinkedHashMap<>();
    bad.put("no mark", file(ByteOrder.LITTLE_ENDIAN, MAGIC + 1, 1, 4, 2));
    bad.put("comes after block 5", file(ByteOrder.LITTLE_ENDIAN, MAGIC, 3, 9, 1, 5, 4));
    bad.put("block 5 comes after block 5", file(ByteOrder.LITTLE_ENDIAN, MAGIC, 2, 9, 5, 5));
    bad.put("it has block 131072", file(ByteOrder.LITTLE_ENDIAN, MAGIC, 1, 9, 131_072));
    bad.put("block 4294967295", file(ByteOrder.LITTLE_ENDIAN, MAGIC, 1, 9, -1));
    bad.put("a number of blocks of 131073", file(ByteOrder.LITTLE_ENDIAN, MAGIC, 131_073, 9));
    bad.put("a number of blocks of 4294967295", file(ByteOrder.LITTLE_ENDIAN, MAGIC, -1, 9));
    bad.put("so many blocks: 131073", file(ByteOrder.LITTLE_ENDIAN, MAGIC, 0, 131_073));
    bad.put("where 2 blocks make", file(ByteOrder.LITTLE_ENDIAN, MAGIC, 2, 9, 1));
    bad.put("where 0 blocks make", file(ByteOrder.LITTLE_ENDIAN, MAGIC, 0, 9, 1));
    bad.put("ends within its head", new byte[11]);
    bad.forEach((reason, bytes) ->
        assertThatThrownBy(() -> read(bytes))
            .as(reason)
            .isInstanceOf(IOException.class)
            .hasMessageContaining(reason));
    byte[] whole = file(ByteOrder.LITTLE_ENDIAN, MAGIC, 1, 4, 2);
    for (int length = 0; length < 16; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(
              () -> IncrementalFile.read(new ByteArrayInputStream(cut), whole.length, LAYOUT))
          .isInstanceOf(IOException.class);
    }
  }

  /** Whatever comes, it is read as such a file or refused with the code of a bad base backup. */
  @Test
  void headsOfAnyKind() throws Exception {
    var path = BaseBackupPath.inData("base/5/INCREMENTAL.16384");
    var attributes = new Attributes(0600, 0, 0, "", "", Instant.EPOCH);
    Fuzz.of("incremental files", file(ByteOrder.LITTLE_ENDIAN, MAGIC, 3, 7, 0, 5, 9))
        .run(
            5000,
            bytes -> {
              var delivery =
                  new IncrementalDelivery(
                      LAYOUT, new PageWatch(Optional.of(LAYOUT), new PageSuspects(new Lsn(1))));
              delivery.deliver(
                  path, attributes, bytes.length, new ByteArrayInputStream(bytes), new Counting());
            });
  }

  @Test
  void aFileThatCannotBeReadIsNamed() {
    var path = BaseBackupPath.inData("base/5/INCREMENTAL.16384");
    var attributes = new Attributes(0600, 0, 0, "", "", Instant.EPOCH);
    var delivery =
        new IncrementalDelivery(
            LAYOUT, new PageWatch(Optional.empty(), new PageSuspects(new Lsn(1))));
    assertThatThrownBy(() ->
            delivery.deliver(
                path, attributes, 4, new ByteArrayInputStream(new byte[4]), new Counting()))
        .isInstanceOfSatisfying(
            PermanentException.class,
            refusal -> {
              assertThat(refusal.code()).isEqualTo(ErrorCode.BASE_BACKUP_FAILED);
              assertThat(refusal).hasMessageContaining("base/5/INCREMENTAL.16384 cannot be used");
            });
  }

  @Test
  void aLabelLosesTheLinesThatAServerWouldNotStartWith() {
    String label =
        """
        START WAL LOCATION: 0/6000028 (file 000000010000000000000006)
        INCREMENTAL FROM LSN: 0/2000028
        INCREMENTAL FROM TLI: 1
        LABEL: INCREMENTAL FROM LSN of old
        """;
    assertThat(
            new String(
                BackupLabel.ofFullBackup(label.getBytes(StandardCharsets.US_ASCII)),
                StandardCharsets.US_ASCII))
        .isEqualTo(
            """
            START WAL LOCATION: 0/6000028 (file 000000010000000000000006)
            LABEL: INCREMENTAL FROM LSN of old
            """);
  }

  private static final class Counting extends DrainingConsumer {
    @Override
    public void changed(
        BaseBackupPath path, Attributes attributes, IncrementalFile file, InputStream content)
        throws IOException {
      content.readAllBytes();
    }
  }
}
