package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.error.TransientException;
import io.lifeboat.store.Body;
import io.lifeboat.store.FaultyStore;
import io.lifeboat.store.FaultyStore.Fault;
import io.lifeboat.store.FaultyStore.Method;
import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.PutOutcome;
import io.lifeboat.store.StoreProbe;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ProbedStoreTest {
  private final InMemoryStore store = new InMemoryStore();

  ProbedStoreTest() {
    store.putIfAbsent(Names.log(0), bytes("entry"));
  }

  @Test
  void putsWaitForTheAnswerAndReadsDoNot() throws Exception {
    var asked = new CountDownLatch(1);
    var mayAnswer = new CountDownLatch(1);
    var slow =
        new ForwardingStore(store) {
          @Override
          public PutOutcome putIfAbsent(String name, Body body) {
            if (name.equals(Names.log(0))) {
              asked.countDown();
              await(mayAnswer);
            }
            return super.putIfAbsent(name, body);
          }
        };
    var probed = probed(slow);

    probed.ask();
    asked.await();
    assertThat(probed.get(Names.log(0), 100 << 20)).hasSize(5);
    Thread putting = Thread.ofPlatform().start(() -> probed.putIfAbsent("a", bytes("a")));
    while (putting.getState() != Thread.State.WAITING && putting.isAlive()) {
      Thread.onSpinWait();
    }
    assertThat(store.head("a")).isEmpty();
    mayAnswer.countDown();
    putting.join();
    assertThat(store.head("a")).isPresent();
  }

  @Test
  void aStoreIsAskedOnceAndAgainOnlyIfItCouldNotAnswer() {
    var puts = new AtomicInteger();
    var counting =
        new ForwardingStore(store) {
          @Override
          public PutOutcome putIfAbsent(String name, Body body) {
            puts.addAndGet(name.equals(Names.log(0)) ? 1 : 0);
            return super.putIfAbsent(name, body);
          }
        };
    var probed = probed(new FaultyStore(counting).queue(Method.PUT, Fault.unreachable()));

    assertThatExceptionOfType(TransientException.class)
        .isThrownBy(() -> probed.putIfAbsent("a", bytes("a")));
    assertThat(store.head("a")).isEmpty();
    assertThat(probed.putIfAbsent("a", bytes("a"))).isEqualTo(PutOutcome.CREATED);
    assertThat(probed.putIfAbsent("b", bytes("b"))).isEqualTo(PutOutcome.CREATED);
    assertThat(puts).hasValue(1);
  }

  @Test
  void aLostFirstEntryKeepsNobodyFromMendingIt() {
    store.delete(Names.log(0));

    assertThat(probed(store).putIfAbsent(Names.log(0), bytes("again")))
        .isEqualTo(PutOutcome.CREATED);
    assertThat(store.list(StoreProbe.PREFIX)).isEmpty();
  }

  private static ProbedStore probed(ObjectStore store) {
    return new ProbedStore(store, new StoreProbe(new SecureRandom()));
  }

  private static Body.Bytes bytes(String text) {
    return new Body.Bytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
