package io.lifeboat.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.store.FaultyStore.Fault;
import io.lifeboat.store.FaultyStore.Method;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StoreProbeTest {
  private final StoreProbe probe = new StoreProbe(new SecureRandom());

  @Test
  void aStoreThatHonoursConditionsPassesAndIsLeftAsItWas() {
    var store = new InMemoryStore();

    probe.requireConditionalPut(store);

    assertThat(store.list("")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(LyingStore.Lie.class)
  void aStoreThatLiesIsRefusedWithTheReasonAndWhatToDo(LyingStore.Lie lie) {
    var store = new LyingStore(lie);

    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(() -> probe.requireConditionalPut(store))
        .withMessageContaining("a store that lies")
        .withMessageContaining("probe/")
        .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.STORE_UNSAFE))
        .satisfies(refusal -> assertThat(refusal.hint()).contains("If-None-Match"));
    assertThat(store.list("")).isEmpty();
  }

  @Test
  void aWriterMayLackTheRightToDelete() {
    var denied = new PermanentException(ErrorCode.STORE_DENIED, "Injected: denied", "Ask for it.");
    var store = new FaultyStore(new InMemoryStore()).queue(Method.DELETE, new Fault.Fail(denied));

    probe.requireConditionalPut(store);

    store.verifyAllFaultsExercised();
    assertThat(store.list("probe/")).hasSize(1);
  }

  @Test
  void aStoreThatIsAwayIsNotCalledUnsafe() {
    var store =
        new FaultyStore(new InMemoryStore())
            .queue(Method.PUT, new Fault.Pass(), Fault.unreachable());

    assertThatExceptionOfType(TransientException.class)
        .isThrownBy(() -> probe.requireConditionalPut(store))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE));
    store.verifyAllFaultsExercised();
  }

  @Test
  void aStoreInUseIsAskedWithoutLeavingAnything() {
    var store = new InMemoryStore();
    store.putIfAbsent("log/0", new Body.Bytes(new byte[] {1, 2}));

    probe.requireConditionalPut(store, "log/0");

    assertThat(store.list("").map(ObjectInfo::name)).containsExactly("log/0");
    assertThat(store.get("log/0")).containsExactly(1, 2);
  }

  @Test
  void aStoreInUseThatHasStoppedHonouringConditionsIsRefusedAndNothingIsLost() {
    var store = new LyingStore(LyingStore.Lie.OVERWRITES_OPENLY);
    store.putIfAbsent("log/0", new Body.Bytes(new byte[] {1, 2}));

    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(() -> probe.requireConditionalPut(store, "log/0"))
        .withMessageContaining("log/0")
        .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.STORE_UNSAFE));
    assertThat(store.get("log/0", 100 << 20)).containsExactly(1, 2);
  }

  @Test
  void oneAnswerThatWasLostOnTheWayDoesNotMakeAStoreUnsafe() {
    var memory = new InMemoryStore();
    memory.putIfAbsent("log/0", new Body.Bytes(new byte[] {1, 2}));
    var puts = new AtomicInteger();
    var store =
        new ForwardingStore(memory) {
          @Override
          public PutOutcome putIfAbsent(String name, Body body) {
            PutOutcome outcome = super.putIfAbsent(name, body);
            // The same bytes are there, and an attempt before this one may have written them.
            return puts.getAndIncrement() == 0 ? PutOutcome.CREATED : outcome;
          }
        };

    probe.requireConditionalPut(store, "log/0");

    assertThat(puts).hasValue(2);
  }
}
