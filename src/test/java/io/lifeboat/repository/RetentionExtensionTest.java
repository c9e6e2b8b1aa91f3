package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.RetentionExtension.Outcome;
import io.lifeboat.store.ObjectRetention;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RetentionExtensionTest {
  private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

  private final Locks locks = new Locks();
  private final RetentionExtension extension =
      new RetentionExtension(locks, Clock.fixed(NOW, ZoneOffset.UTC), Duration.ofDays(10));

  @Test
  void whatIsNeededBeyondTheNearEndOfItsLockIsLockedUntilItIsNotNeededAnyMore() {
    locks.put("p/d/near", day(5));

    var report = extension.run(Map.of("p/d/near", day(40)));

    assertThat(report.outcomes()).containsExactly(new Outcome.Extended("p/d/near", day(40)));
    assertThat(locks.until.get("p/d/near")).contains(day(40));
    assertThat(report.extended()).isEqualTo(1);
    assertThat(report.alarms()).isEmpty();
  }

  @Test
  void aLockThatEndsMuchLaterOrReachesFarEnoughCostsNoExtension() {
    locks.put("p/d/far", day(20));
    locks.put("p/d/enough", day(3));
    locks.put("p/d/exact", day(3));

    var report =
        extension.run(Map.of("p/d/far", day(40), "p/d/enough", day(2), "p/d/exact", day(3)));

    assertThat(report.outcomes()).hasSize(3).allMatch(Outcome.Enough.class::isInstance);
    assertThat(locks.extensions).isZero();
    assertThat(report.alarms()).isEmpty();
  }

  @Test
  void aLockThatHadEndedIsPutBackAndRaisesAnAlarm() {
    locks.put("p/d/ended", day(-2));
    locks.until.put("p/d/never", Optional.empty());

    var report = extension.run(Map.of("p/d/ended", day(40), "p/d/never", day(40)));

    assertThat(locks.until).allSatisfy((name, end) -> assertThat(end).contains(day(40)));
    assertThat(report.extended()).isEqualTo(2);
    assertThat(report.alarms())
        .satisfiesExactly(
            first -> assertThat(first).contains("p/d/ended was not locked since " + day(-2)),
            second -> assertThat(second).contains("p/d/never was never locked"));
  }

  @Test
  void whatFailsRaisesAnAlarmAndKeepsNothingElseFromBeingLocked() {
    locks.put("p/d/b", day(1));

    var report = extension.run(Map.of("p/d/a-missing", day(40), "p/d/b", day(40)));

    assertThat(locks.until.get("p/d/b")).contains(day(40));
    assertThat(report.alarms())
        .singleElement()
        .asString()
        .contains("p/d/a-missing", ErrorCode.OBJECT_MISSING.name());
  }

  @Test
  void whatNobodyNeedsAnyMoreIsLeftToItsLock() {
    locks.put("p/d/old", day(-1));

    assertThat(extension.run(Map.of("p/d/old", NOW)).outcomes()).isEmpty();
    assertThat(locks.extensions).isZero();
  }

  @Test
  void runningItTwiceExtendsOnce() {
    locks.put("p/d/near", day(5));

    extension.run(Map.of("p/d/near", day(40)));
    extension.run(Map.of("p/d/near", day(40)));

    assertThat(locks.extensions).isEqualTo(1);
  }

  private static Instant day(int number) {
    return NOW.plus(Duration.ofDays(number));
  }

  /** Locks that only grow, as a store's do. */
  private static final class Locks implements ObjectRetention {
    final Map<String, Optional<Instant>> until = new TreeMap<>();
    int extensions;

    void put(String name, Instant end) {
      until.put(name, Optional.of(end));
    }

    @Override
    public synchronized Optional<Instant> retainedUntil(String name) {
      Optional<Instant> end = until.get(name);
      if (end == null) {
        throw new PermanentException(ErrorCode.OBJECT_MISSING, "no " + name, "Put it first.");
      }
      return end;
    }

    @Override
    public synchronized void extend(String name, Instant end) {
      if (retainedUntil(name).filter(end::isBefore).isPresent()) {
        throw new PermanentException(ErrorCode.STORE_DENIED, "shorter: " + name, "Locks grow.");
      }
      until.put(name, Optional.of(end));
      extensions++;
    }
  }
}
