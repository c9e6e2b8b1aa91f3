package io.lifeboat.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.error.TransientException;
import io.lifeboat.store.FaultyStore.Fault;
import io.lifeboat.store.FaultyStore.Method;
import org.junit.jupiter.api.Test;

class FaultyStoreTest {
  private final FaultyStore store = new FaultyStore(new InMemoryStore());

  @Test
  void aLostAnswerLeavesTheObject() {
    store.queue(Method.PUT, new Fault.TimeOutAfterSuccess());

    assertThatExceptionOfType(TransientException.class)
        .isThrownBy(() -> store.putIfAbsent("a", new Body.Bytes(new byte[] {1, 2, 3})));

    assertThat(store.get("a", 100 << 20)).containsExactly(1, 2, 3);
    store.verifyAllFaultsExercised();
  }

  @Test
  void damageIsInTheAnswerOnly() {
    store.putIfAbsent("a", new Body.Bytes(new byte[] {1, 2, 3}));
    store.queue(Method.GET, new Fault.Truncate(1), new Fault.FlipBit(2));

    assertThat(store.get("a", 100 << 20)).containsExactly(1);
    assertThat(store.get("a", 100 << 20)).containsExactly(1, 2, 2);
    assertThat(store.get("a", 100 << 20)).containsExactly(1, 2, 3);
  }

  @Test
  void aFaultThatNoCallMetFailsTheTest() {
    store.queue(Method.DELETE, Fault.full());

    assertThatExceptionOfType(AssertionError.class).isThrownBy(store::verifyAllFaultsExercised);
  }
}
