package io.lifeboat.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.store.FaultyStore.Fault;
import io.lifeboat.store.FaultyStore.Method;
import java.security.SecureRandom;
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
}
