package io.lifeboat.postgres.logical;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RowPartsTest {
  private static List<String> cut(List<byte[]> rows) throws InterruptedException {
    var parts = new ArrayList<String>();
    var cutting =
        new RowParts((bytes, length) ->
            parts.add(new String(bytes, 0, length, StandardCharsets.ISO_8859_1)));
    for (byte[] row : rows) {
      cutting.add(row);
    }
    cutting.flush();
    return parts;
  }

  private static List<byte[]> rows(int count) {
    var random = new Random(5);
    return IntStream.range(0, count)
        .mapToObj(i -> {
          byte[] row = new byte[100 + random.nextInt(900)];
          random.nextBytes(row);
          row[row.length - 1] = '\n';
          return row;
        })
        .toList();
  }

  @Test
  void partsAreWholeRowsOfTheSizesThatArePromised() throws Exception {
    List<byte[]> rows = rows(80_000);
    List<String> parts = cut(rows);
    var all = new ByteArrayOutputStream();
    rows.forEach(all::writeBytes);

    assertThat(String.join("", parts).equals(all.toString(StandardCharsets.ISO_8859_1))).isTrue();
    assertThat(parts).hasSizeGreaterThan(3).allMatch(part -> part.endsWith("\n"));
    assertThat(parts.subList(0, parts.size() - 1))
        .allMatch(part -> part.length() >= RowParts.LEAST_BYTES)
        .allMatch(part -> part.length() < RowParts.MOST_BYTES + 1000);
  }

  @Test
  void someRowsMoreChangeThePartsBesideThemOnly() throws Exception {
    List<byte[]> rows = new ArrayList<>(rows(120_000));
    List<String> before = cut(rows);
    for (int i = 0; i < 5; i++) {
      rows.add(1000, ("one more" + "x".repeat(500) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    List<String> after = cut(rows);

    var same = new HashSet<>(after);
    same.retainAll(new HashSet<>(before));
    assertThat(before).hasSizeGreaterThan(5);
    assertThat(same.size()).isGreaterThanOrEqualTo(before.size() - 2);
  }

  @Test
  void aRowLongerThanAPartIsAPart() throws Exception {
    byte[] row = new byte[RowParts.MOST_BYTES + 5];
    Arrays.fill(row, (byte) 'x');
    row[row.length - 1] = '\n';
    assertThat(cut(List.of(row, row))).hasSize(2).allMatch(part -> part.length() == row.length);
    assertThat(cut(List.of())).isEmpty();
  }
}
