package io.lifeboat.wal;

import static io.lifeboat.wal.WalFixture.await;
import static io.lifeboat.wal.WalFixture.options;
import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.repository.WalPiece;
import io.lifeboat.wal.WalOptions.Acknowledge;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The oldest version, with the largest segments that are usual; and a receiver that is killed. */
@Tag("slow")
class WalSegmentSizesTest {
  private static final int SEGMENT = 64 << 20;
  private static final int BLOCK = 16 << 20;
  private static final String WRITE =
      "INSERT INTO t SELECT repeat(md5(n::text), 60) FROM generate_series(1, 12000) n";

  @TempDir Path folder;

  @Test
  void nothingThatWasAcknowledgedIsLostWhenTheReceiverIsKilled() throws Exception {
    try (SourceCluster source =
        SourceCluster.start(
            15, 64, folder.resolve("source"), Map.of("autovacuum", "off", "max_wal_size", "1GB"))) {
      source.sql("CREATE TABLE t (v text)", "ALTER TABLE t ALTER COLUMN v SET STORAGE EXTERNAL");
      var fixture = new WalFixture(folder);
      try (WalReceiver first = fixture.start(source, options("kill", Acknowledge.LOCAL))) {
        fixture.awaitDurable(first, source);
      }
      Process child = WalChild.start(source.url(), fixture.spool.toString(), "kill");
      try {
        source.sql(WRITE, "SELECT pg_switch_wal()", WRITE);
        String written = source.ask("SELECT pg_current_wal_flush_lsn()");
        await("acknowledged", () -> Lsn.parse(restart(source)).compareTo(Lsn.parse(written)) >= 0);
      } finally {
        child.destroyForcibly().waitFor();
      }
      Lsn acknowledged = Lsn.parse(restart(source));
      await(
          "the server sees it",
          () -> source.ask("SELECT active FROM pg_replication_slots").equals("f"));
      source.stop("INT");

      // The server is gone: what it was told is safe comes out of the spool alone.
      try (WalReceiver receiver = fixture.start(source, options("kill", Acknowledge.LOCAL))) {
        await(
            "all that was acknowledged is stored",
            () ->
                !receiver.status().progress().orElseThrow().durable().isBefore(acknowledged)
                    && receiver.status().unshippedBytes() == 0);
        source.restart(source.server().address().port());
        source.sql(WRITE);
        fixture.awaitDurable(receiver, source);
        assertThat(receiver.status().gap()).isEmpty();
      }
      assertThat(fixture.compare(source, SEGMENT)).isPositive();
      assertThat(fixture.coverage(source, SEGMENT).ranges().get(1)).hasSize(1);
      assertThat(fixture.archive(source).list().pieces())
          .as("whole blocks of the complete segment")
          .contains(block(0), block(1), block(2), block(3));
    }
  }

  private static WalPiece block(int number) {
    return new WalPiece(1, 1, number * BLOCK, (number + 1) * BLOCK);
  }

  private static String restart(SourceCluster source) {
    return source.ask("SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = 'kill'");
  }
}
