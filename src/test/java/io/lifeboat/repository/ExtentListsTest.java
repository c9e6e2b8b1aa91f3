package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.crypto.ChunkIds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtentListsTest {
  private static final long TIB = 1L << 40;
  private static final int CHUNK_BYTES = 1536 << 10;

  @TempDir Path folder;
  private final ChunkIds ids = new ChunkIds(new byte[32]);
  private ExtentLists lists;

  @BeforeEach
  void lists() {
    lists = again();
  }

  private ExtentLists again() {
    return new ExtentLists(folder, ids);
  }

  /** A file of this size, of chunks of 1.5 MiB; its list is kept as a backup keeps it. */
  private Content.Indirect keep(long sizeBytes, long seed) {
    var parts = new ArrayList<Extent>();
    var open = new ByteArrayOutputStream();
    var random = new SplittableRandom(seed);
    for (long at = 0; at < sizeBytes; at += CHUNK_BYTES) {
      byte[] id = new byte[ChunkId.BYTES];
      random.nextBytes(id);
      var out = new Encoder();
      TreeCodec.extent(
          new Extent.Data(new ChunkId(id), 0, Math.min(CHUNK_BYTES, sizeBytes - at)), out);
      open.writeBytes(out.done());
      if (open.size() >= ExtentListWriter.CHUNK_BYTES) {
        byte[] bytes = open.toByteArray();
        open.reset();
        open.write(
            bytes, ExtentListWriter.CHUNK_BYTES, bytes.length - ExtentListWriter.CHUNK_BYTES);
        keep(parts, Arrays.copyOf(bytes, ExtentListWriter.CHUNK_BYTES));
      }
    }
    keep(parts, open.toByteArray());
    long listBytes = parts.stream().mapToLong(Extent::lengthBytes).sum();
    return new Content.Indirect(sizeBytes, new Content.Inline(listBytes, parts));
  }

  private void keep(List<Extent> parts, byte[] chunk) {
    lists.keep(chunk);
    parts.add(new Extent.Data(new ChunkId(ids.id(chunk, 0, chunk.length)), 0, chunk.length));
  }

  @Test
  void everyChunkOfATebibyteIsAskedForInOrder() {
    Content.Indirect content = keep(TIB, 1);
    var expected = new SplittableRandom(1);
    var asked = new AtomicLong();

    boolean all =
        again()
            .allMatch(
                content,
                chunk -> {
                  byte[] id = new byte[ChunkId.BYTES];
                  expected.nextBytes(id);
                  asked.incrementAndGet();
                  return chunk.equals(new ChunkId(id));
                });

    assertThat(all).isTrue();
    assertThat(asked).hasValue(TIB / CHUNK_BYTES + 1);
    assertThat(content.extentList().extents()).hasSizeGreaterThan(20);
  }

  @Test
  void oneChunkThatIsNotKnownIsEnough() {
    Content.Indirect content = keep(TIB / 16, 2);
    var left = new AtomicLong(TIB / 16 / CHUNK_BYTES);

    assertThat(again().allMatch(content, chunk -> left.getAndDecrement() > 0)).isFalse();
    assertThat(left).hasNegativeValue();
  }

  @Test
  void aListOfAnotherLengthThanTheContentsIsNotBelieved() {
    Content.Indirect content = keep(TIB / 1024, 3);
    var longer = new Content.Indirect(content.sizeBytes() + 1, content.extentList());

    assertThat(again().allMatch(content, chunk -> true)).isTrue();
    assertThat(again().allMatch(longer, chunk -> true)).isFalse();
  }

  @Test
  void aListUnderAnotherListsNameIsNotBelieved() throws IOException {
    Content.Indirect one = keep(TIB / 1024, 4);
    Content.Indirect other = keep(TIB / 1024, 5);
    Files.copy(file(other), file(one), StandardCopyOption.REPLACE_EXISTING);

    assertThat(again().allMatch(one, chunk -> true)).isFalse();
    assertThat(again().allMatch(other, chunk -> true)).isTrue();
  }

  @Test
  void whatARunDidNotUseGoesWithIt() throws IOException {
    Content.Indirect found = keep(TIB / 1024, 6);
    Content.Indirect unused = keep(TIB / 1024, 7);
    Files.writeString(folder.resolve("new-of-a-killed-run"), "half");
    lists = again();
    Content.Indirect kept = keep(TIB / 1024, 8);
    assertThat(lists.allMatch(found, chunk -> true)).isTrue();

    lists.removeUnused();

    assertThat(folder.toFile().listFiles())
        .containsExactlyInAnyOrder(file(found).toFile(), file(kept).toFile());
    assertThat(again().allMatch(unused, chunk -> true)).isFalse();
  }

  @Test
  void aFolderThatCannotBeWrittenIsNoReasonToFail() throws IOException {
    lists = new ExtentLists(Files.createFile(folder.resolve("a file")).resolve("lists"), ids);

    Content.Indirect content = keep(TIB / 1024, 9);

    assertThat(lists.allMatch(content, chunk -> true)).isFalse();
    lists.removeUnused();
  }

  private Path file(Content.Indirect content) {
    return folder.resolve(
        ((Extent.Data) content.extentList().extents().getFirst()).chunk().toString());
  }
}
