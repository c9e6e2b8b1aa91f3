package io.lifeboat.store.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.LyingStore;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.PutOutcome;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StoreReportTest {
  private final InMemoryStore memory = new InMemoryStore();

  @Test
  void aStoreThatKeepsItsPromisesIsSafeAndLeftAsItWas() {
    StoreReport report = probe(memory);

    assertThat(report.isSafe()).isTrue();
    assertThat(report.capabilities())
        .allSatisfy(row -> {
          assertThat(row.answer()).isEqualTo(Capability.Answer.YES);
          assertThat(row.consequence()).isNotBlank().endsWith(".");
        });
    assertThat(report.left()).isEmpty();
    assertThat(memory.list("")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aStoreThatLiesIsNotSafe(LyingStore.Lie lie) {
    var store = new LyingStore(lie);

    assertThat(unsafe(probe(store))).contains(ContractExamination.CONDITIONAL_PUT);
    assertThat(store.list("")).isEmpty();
  }

  @Test
  void aStoreThatLooksFirstAndWritesThenIsNotSafe() {
    var racing = new CyclicBarrier(8);
    var store =
        new ForwardingStore(memory) {
          @Override
          public PutOutcome putIfAbsent(String name, Body body) {
            boolean free = memory.head(name).isEmpty();
            if (name.endsWith("-race")) {
              await(racing);
            }
            if (free) {
              memory.overwrite(name, ((Body.Bytes) body).bytes());
            }
            return free ? PutOutcome.CREATED : PutOutcome.EXISTS;
          }
        };

    assertThat(unsafe(probe(store))).containsExactly("8 conditional puts at once");
  }

  @Test
  void aStoreThatShowsWhatWasWrittenOnlyLaterIsNotSafe() {
    var store =
        new ForwardingStore(memory) {
          @Override
          public Stream<ObjectInfo> list(String prefix) {
            return prefix.contains("-fresh-") ? Stream.empty() : super.list(prefix);
          }
        };

    assertThat(unsafe(probe(store))).containsExactly("read and list after write");
  }

  @Test
  void aStoreThatListsInAnotherOrderOrIncompletelyIsNotSafe() {
    for (boolean reversed : new boolean[] {true, false}) {
      var store =
          new ForwardingStore(memory) {
            @Override
            public Stream<ObjectInfo> list(String prefix) {
              var all = new ArrayList<>(super.list(prefix).toList());
              if (all.size() > 1 && reversed) {
                Collections.reverse(all);
              } else if (all.size() > 1) {
                all.removeLast();
              }
              return all.stream();
            }
          };
      assertThat(unsafe(probe(store))).as("reversed: " + reversed).containsExactly("listing");
    }
  }

  @Test
  void aStoreThatAnswersRangesWithWholeObjectsIsNotSafe() {
    var store =
        new ForwardingStore(memory) {
          @Override
          public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
            return Arrays.copyOf(super.get(name, 100 << 20), lengthBytes);
          }
        };

    assertThat(unsafe(probe(store))).containsExactly("range reads");
  }

  @Test
  void anIdentityThatMayNotDeleteIsToldWhatStays() {
    var store =
        new ForwardingStore(memory) {
          @Override
          public void delete(String name) {
            throw new PermanentException(ErrorCode.STORE_DENIED, "denied", "Ask for it.");
          }
        };

    StoreReport report = probe(store);

    assertThat(report.isSafe()).isTrue();
    assertThat(report.left())
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(memory.list("").map(ObjectInfo::name).toList())
        .allMatch(name -> name.startsWith("probe/"));
    Capability deletion = report.capabilities().getLast();
    assertThat(deletion.answer()).isEqualTo(Capability.Answer.NO);
    assertThat(deletion.consequence()).contains("Right for a backup node", "STORE_DENIED");
  }

  private static StoreReport probe(ObjectStore store) {
    return StoreReport.of(
        store, List.of(new ContractExamination()), new Traces(new SecureRandom()));
  }

  private static List<String> unsafe(StoreReport report) {
    assertThat(report.isSafe()).isFalse();
    return report.capabilities().stream()
        .filter(row -> !row.isSafe())
        .map(Capability::name)
        .toList();
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(Optional.ofNullable(e.getMessage()).orElse("late"), e);
    }
  }
}
