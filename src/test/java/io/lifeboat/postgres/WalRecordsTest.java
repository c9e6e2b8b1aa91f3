package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records of a real server's log. */
@Tag("slow")
class WalRecordsTest {
  private static final int SEGMENT = 1 << 20;

  @TempDir static Path folder;
  private static byte[] log;
  private static long start;
  private static Lsn end;
  private static long xid;

  @BeforeAll
  static void write() throws Exception {
    try (var cluster =
        EmbeddedCluster.create(EmbeddedPrograms.unpacked(), folder, "--wal-segsize=1")) {
      cluster.start(Map.of("autovacuum", "off"));
      cluster.sql("SELECT pg_switch_wal()");
      start = Lsn.parse(cluster.ask("SELECT pg_current_wal_lsn()")).position() / SEGMENT * SEGMENT;
      cluster.sql("CREATE TABLE t AS SELECT repeat('x', 900) FROM generate_series(1, 2000)");
      xid = Long.parseLong(cluster.ask("SELECT pg_current_xact_id()"));
      // A restore point is not flushed by itself; what is committed behind it is.
      cluster.sql("SELECT pg_create_restore_point('here')", "CREATE TABLE u (n int)");
      end = Lsn.parse(cluster.ask("SELECT pg_current_wal_flush_lsn()"));
      log = new byte[(int) (end.position() - start)];
      for (int at = 0; at < log.length; at += SEGMENT) {
        String name = String.format(Locale.ROOT, "%08X%08X%08X", 1, 0, (start + at) / SEGMENT);
        byte[] segment = Files.readAllBytes(cluster.data().resolve("pg_wal").resolve(name));
        System.arraycopy(segment, 0, log, at, Math.min(SEGMENT, log.length - at));
      }
    }
  }

  private static WalRecords cut(byte[] bytes, int step, List<WalRecord> into) {
    var records = new WalRecords(SEGMENT, into::add);
    for (int at = 0; at < bytes.length; at += step) {
      records.add(new Lsn(start + at), bytes, at, Math.min(step, bytes.length - at));
    }
    return records;
  }

  @Test
  void everyRecordIsFoundHoweverTheBytesArrive() {
    List<WalRecord> whole = new ArrayList<>();
    WalRecords records = cut(log, log.length, whole);
    assertThat(log.length).isGreaterThan(SEGMENT);
    assertThat(records.state()).isEqualTo(WalRecords.State.READING);
    assertThat(records.hasAllBefore(end)).isTrue();
    assertThat(records.hasAllBefore(new Lsn(end.position() + 100))).isFalse();
    assertThat(whole)
        .extracting(WalRecord::content)
        .anyMatch(content ->
            content instanceof WalRecord.TransactionEnd done
                && done.committed()
                && done.xid() == (int) xid)
        .anyMatch(content ->
            content instanceof WalRecord.RestorePoint point && point.name().equals("here"));
    List<WalRecord> piecemeal = new ArrayList<>();
    cut(log, 7, piecemeal);
    assertThat(piecemeal).isEqualTo(whole);
  }

  @Test
  void oneChangedBitEndsThem() {
    List<WalRecord> whole = new ArrayList<>();
    cut(log, log.length, whole);
    for (int i = 0; i < whole.size(); i += 201) {
      Lsn record = whole.get(i).start();
      byte[] changed = log.clone();
      changed[(int) (record.position() - start) + 10] ^= 4; // of where the one before it lies
      List<WalRecord> found = new ArrayList<>();
      WalRecords records = cut(changed, log.length, found);
      assertThat(records.state()).isEqualTo(WalRecords.State.BROKEN);
      assertThat(records.next()).isEqualTo(record);
      assertThat(found).isEqualTo(whole.subList(0, i));

      changed = log.clone();
      changed[(int) (whole.get(i).end().position() - start) - 1] ^= 4;
      found.clear();
      assertThat(cut(changed, log.length, found).next()).isEqualTo(record);
      assertThat(found).isEqualTo(whole.subList(0, i));
    }
  }

  @Test
  void zerosAreAnEndAndNoDamage() {
    byte[] longer = Arrays.copyOf(log, (log.length / SEGMENT + 1) * SEGMENT);
    List<WalRecord> found = new ArrayList<>();
    WalRecords records = cut(longer, longer.length, found);
    assertThat(records.state()).isEqualTo(WalRecords.State.ZEROS);
    assertThat(records.hasAllBefore(end)).isTrue();
  }
}
