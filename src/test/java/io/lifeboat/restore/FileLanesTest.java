package io.lifeboat.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FileLanesTest {
  @Test
  void stepsOfOneFileComeInOrderAndItsEndLast() {
    List<List<Integer>> seen =
        IntStream.range(0, 500)
            .<List<Integer>>mapToObj(_ -> Collections.synchronizedList(new ArrayList<>()))
            .toList();
    try (FileLanes lanes = FileLanes.parallel()) {
      for (List<Integer> file : seen) {
        try (FileLanes.Lane lane = lanes.begin(() -> file.add(-1))) {
          for (int i = 0; i < 10; i++) {
            int step = i;
            lane.add(ThreadLocalRandom.current().nextInt(1 << 20), () -> file.add(step));
          }
        }
      }
      lanes.drain();
    }
    assertThat(seen)
        .allSatisfy(file -> assertThat(file).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1));
  }

  @Test
  void filesAreWrittenBesideEachOther() {
    var first = new CountDownLatch(1);
    var second = new CountDownLatch(1);
    try (FileLanes lanes = FileLanes.parallel()) {
      try (FileLanes.Lane lane = lanes.begin(() -> {})) {
        lane.add(
            1,
            () -> {
              first.countDown();
              await(second);
            });
      }
      try (FileLanes.Lane lane = lanes.begin(() -> {})) {
        lane.add(
            1,
            () -> {
              await(first);
              second.countDown();
            });
      }
      lanes.drain();
    }
    assertThat(second.getCount()).isZero();
  }

  @Test
  void afterAStepThatFailedNothingIsBegunButEveryFileIsEnded() {
    var problem = new IllegalArgumentException("broken");
    var failed = new CountDownLatch(1);
    var ended = new AtomicInteger();
    var late = new AtomicInteger();
    try (FileLanes lanes = FileLanes.parallel()) {
      FileLanes.Lane open = lanes.begin(ended::incrementAndGet);
      open.add(1, () -> await(failed));
      open.add(1, late::incrementAndGet);
      FileLanes.Lane broken =
          lanes.begin(() -> {
            ended.incrementAndGet();
            failed.countDown();
          });
      broken.add(
          1,
          () -> {
            throw problem;
          });
      broken.close();
      assertThatThrownBy(() -> lanes.await(broken.done())).isSameAs(problem);
      assertThatThrownBy(() -> lanes.begin(() -> {})).isSameAs(problem);
      assertThatThrownBy(() -> open.add(1, () -> {})).isSameAs(problem);
      open.close();
      assertThatThrownBy(lanes::drain).isSameAs(problem);
    }
    assertThat(ended).hasValue(2);
    assertThat(late).hasValue(0);
  }

  @Test
  void onlySoManyFilesAreOpenAtOnce() {
    var open = new AtomicInteger();
    var most = new AtomicInteger();
    try (FileLanes lanes = FileLanes.parallel()) {
      for (int i = 0; i < 20 * FileLanes.FILES_AT_ONCE; i++) {
        try (FileLanes.Lane lane = lanes.begin(open::decrementAndGet)) {
          lane.add(0, () -> most.accumulateAndGet(open.incrementAndGet(), Math::max));
          lane.add(0, Thread::yield);
        }
      }
      lanes.drain();
    }
    assertThat(most.get()).isBetween(1, FileLanes.FILES_AT_ONCE);
    assertThat(open).hasValue(0);
  }

  @Test
  void inSequenceAFileIsEndedBeforeTheNextBegins() {
    List<String> seen = new ArrayList<>();
    try (FileLanes lanes = FileLanes.sequential()) {
      for (String file : List.of("a", "b")) {
        try (FileLanes.Lane lane = lanes.begin(() -> seen.add(file + " ends"))) {
          lane.add(FileLanes.FILES_AT_ONCE << 20, () -> seen.add(file + " is written"));
          seen.add(file + " was written");
        }
      }
      lanes.drain();
    }
    assertThat(seen)
        .containsExactly(
            "a is written", "a was written", "a ends", "b is written", "b was written", "b ends");
  }

  @Test
  void inSequenceAFailureIsKnownWhenItsFileHasEnded() {
    var problem = new IllegalArgumentException("broken");
    try (FileLanes lanes = FileLanes.sequential()) {
      try (FileLanes.Lane lane = lanes.begin(() -> {})) {
        lane.add(
            1,
            () -> {
              throw problem;
            });
      }
      assertThatThrownBy(lanes::check).isSameAs(problem);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
