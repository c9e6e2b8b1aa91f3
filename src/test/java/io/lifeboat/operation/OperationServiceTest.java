package io.lifeboat.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lifeboat.app.ServiceDatabase;
import io.lifeboat.config.Settings;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Operation.Order;
import io.lifeboat.operation.Operation.Outcome;
import io.lifeboat.operation.OperationService.Limits;
import io.lifeboat.operation.OperationStore.Filter;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(20)
class OperationServiceTest {
  private static ServiceDatabase database;

  private final BlockingQueue<Operation> ended = new LinkedBlockingQueue<>();
  private OperationStore store;
  private OperationService service;

  @BeforeAll
  static void openDatabase() {
    String url = "jdbc:h2:mem:operations;DB_CLOSE_DELAY=-1";
    database = ServiceDatabase.open(new Settings.Database(url, Optional.empty(), Optional.empty()));
  }

  @AfterAll
  static void closeDatabase() {
    database.close();
  }

  @BeforeEach
  void openService() {
    database.jdbi().useHandle(handle -> handle.execute("delete from operation"));
    store = new OperationStore(database.jdbi());
    service = service(2, Duration.ofSeconds(10));
  }

  @AfterEach
  void closeService() {
    service.close();
  }

  @Test
  void anOperationGoesFromTheQueueToItsResultAndKeepsWhatHappened() throws InterruptedException {
    var started =
        service.start(
            backup("shop"),
            Optional.empty(),
            (id, progress) -> {
              progress.phase("read");
              progress.expect(100);
              progress.phase("read");
              progress.advance(60, 1);
              progress.advance(40, 2);
              progress.event("One file changed while it was read");
              progress.phase("commit");
              return new Outcome(
                  "{\"snapshot\":\"s1\"}", Optional.empty(), Map.of("bytesRead", 100.0));
            });

    assertThat(started.id()).matches("op_[0-9a-z]{26}");
    var operation = ended.take();
    assertThat(operation.id()).isEqualTo(started.id());
    assertThat(operation.state()).isEqualTo(OperationState.SUCCEEDED);
    assertThat(operation.outcome().orElseThrow().measures()).containsEntry("bytesRead", 100.0);
    assertThat(operation.phases())
        .extracting(Operation.Phase::name)
        .containsExactly("read", "commit");
    var read = operation.phases().getFirst();
    assertThat(List.of(read.expectedBytes(), read.bytes(), read.items()))
        .containsExactly(100L, 100L, 3L);
    assertThat(operation.phases()).allSatisfy(phase -> assertThat(phase.ended()).isPresent());
    assertThat(sentences(operation))
        .containsExactly("Started", "One file changed while it was read", "SUCCEEDED");
    assertThat(service.events(operation.id(), 1, 10))
        .extracting(Operation.Event::sequence)
        .containsExactly(2L, 3L);
  }

  @Test
  void aFailureThatIsExpectedIsLoggedWithItsHintAndAnUnknownOneWithItsTrace() throws Exception {
    var logged = new ListAppender<ILoggingEvent>();
    logged.start();
    var logger = (Logger) LoggerFactory.getLogger(Runner.class);
    logger.addAppender(logged);
    try {
      service.start(
          backup("shop"),
          Optional.empty(),
          (id, progress) -> {
            throw new PermanentException(ErrorCode.LOG_BROKEN, "It is damaged", "Mend it.");
          });
      ended.take();
      service.start(
          backup("shop"),
          Optional.empty(),
          (id, progress) -> {
            throw new IllegalStateException("a mistake");
          });
      ended.take();
    } finally {
      logger.detachAppender(logged);
    }

    List<ILoggingEvent> told =
        logged.list.stream()
            .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
            .toList();
    assertThat(told).hasSize(2);
    assertThat(told.getFirst().getFormattedMessage())
        .contains("LOG_BROKEN", "It is damaged", "Mend it.");
    assertThat(told.getFirst().getThrowableProxy()).isNull();
    assertThat(told.getLast().getThrowableProxy()).isNotNull();
  }

  @Test
  void workOfOneSourceNeverOverlapsAndKeepsItsOrder() throws InterruptedException {
    var now = new ConcurrentHashMap<String, AtomicInteger>();
    var order = new LinkedBlockingQueue<Integer>();
    for (int i = 0; i < 12; i++) {
      int number = i;
      String source = i % 2 == 0 ? "even" : "odd";
      service.start(
          backup(source),
          Optional.empty(),
          (id, progress) -> {
            var here = now.computeIfAbsent(source, s -> new AtomicInteger());
            assertThat(here.incrementAndGet()).isEqualTo(1);
            order.add(number);
            Thread.yield();
            here.decrementAndGet();
            return done();
          });
    }
    for (int i = 0; i < 12; i++) {
      assertThat(ended.take().state()).isEqualTo(OperationState.SUCCEEDED);
    }
    assertThat(order.stream().filter(n -> n % 2 == 0)).isSorted();
    assertThat(order.stream().filter(n -> n % 2 == 1)).isSorted();
  }

  @Test
  void noMoreRunAtOnceThanAllowed() throws InterruptedException {
    var begun = new LinkedBlockingQueue<String>();
    var go = new CountDownLatch(1);
    for (String source : List.of("a", "b", "c")) {
      service.start(backup(source), Optional.empty(), blocked(begun, source, go));
    }
    assertThat(List.of(begun.take(), begun.take())).containsExactlyInAnyOrder("a", "b");
    assertThat(states("c")).containsExactly(OperationState.QUEUED);
    assertThat(begun).isEmpty();
    go.countDown();
    assertThat(begun.take()).isEqualTo("c");
  }

  @Test
  void oneSourceThatWaitsDoesNotHoldUpAnother() throws InterruptedException {
    var begun = new LinkedBlockingQueue<String>();
    var go = new CountDownLatch(1);
    service.start(backup("a"), Optional.empty(), blocked(begun, "a1", go));
    service.start(backup("a"), Optional.empty(), blocked(begun, "a2", go));
    service.start(backup("b"), Optional.empty(), blocked(begun, "b1", go));

    assertThat(List.of(begun.take(), begun.take())).containsExactlyInAnyOrder("a1", "b1");
    go.countDown();
    assertThat(begun.take()).isEqualTo("a2");
  }

  @Test
  void workOnRepositoriesNeverOverlapsAndNoBackupWaitsForIt() throws InterruptedException {
    service = service(1, Duration.ofSeconds(10));
    var begun = new LinkedBlockingQueue<String>();
    var go = new CountDownLatch(1);
    service.start(about(OperationType.VERIFY, "r1"), Optional.empty(), blocked(begun, "v1", go));
    service.start(about(OperationType.PRUNE, "r1"), Optional.empty(), blocked(begun, "p1", go));
    service.start(about(OperationType.PRUNE, "r2"), Optional.empty(), blocked(begun, "p2", go));
    service.start(backup("a"), Optional.empty(), blocked(begun, "a", go));
    // A source may be called like a repository.
    service.start(backup("r1"), Optional.empty(), blocked(begun, "b", go));

    assertThat(List.of(begun.take(), begun.take())).containsExactlyInAnyOrder("v1", "a");
    assertThat(store.list(Filter.all().in(OperationState.QUEUED), Optional.empty(), 10)).hasSize(3);
    assertThat(begun).isEmpty();
    go.countDown();
    var rest = List.of(begun.take(), begun.take(), begun.take());
    assertThat(rest).containsExactlyInAnyOrder("p1", "p2", "b");
    assertThat(rest.indexOf("p1")).isLessThan(rest.indexOf("p2"));
  }

  @Test
  void whatEndsWithSomethingBadToTellHasFailedAndKeepsIt() throws InterruptedException {
    var failure = new Operation.Failure("VERIFICATION_FAILED", "One problem", "Look.");
    service.start(
        about(OperationType.VERIFY, "r1"),
        Optional.empty(),
        (id, progress) ->
            new Outcome(
                "{\"problems\":1}",
                Optional.of("FAIL"),
                Map.of("problems", 1.0),
                Optional.of(failure)));

    var failed = ended.take();
    assertThat(failed.state()).isEqualTo(OperationState.FAILED);
    assertThat(failed.failure()).contains(failure);
    assertThat(failed.outcome().orElseThrow().result()).isEqualTo("{\"problems\":1}");
    assertThat(failed.outcome().orElseThrow().measures()).containsEntry("problems", 1.0);
    assertThat(sentences(failed)).contains("FAILED, verdict FAIL: One problem");
    assertThat(failed.order().repository()).contains("r1");
    assertThat(failed.order().source()).isEmpty();
  }

  @Test
  void whatFailsSaysWhyAndFreesItsSource() throws InterruptedException {
    service.start(
        backup("a"),
        Optional.empty(),
        (id, progress) -> {
          throw new PermanentException(ErrorCode.DISK_FULL, "No space in /x", "Free some.");
        });
    var failed = ended.take();
    assertThat(failed.state()).isEqualTo(OperationState.FAILED);
    assertThat(failed.failure())
        .contains(new Operation.Failure("DISK_FULL", "No space in /x", "Free some."));

    service.start(backup("a"), Optional.empty(), (id, progress) -> done());
    assertThat(ended.take().state()).isEqualTo(OperationState.SUCCEEDED);
  }

  @Test
  void anUnknownErrorEndsItsOperationOnly() throws InterruptedException {
    service.start(
        backup("a"),
        Optional.empty(),
        (id, progress) -> {
          throw new IllegalStateException("bug");
        });
    assertThat(ended.take().failure().orElseThrow().code()).isEqualTo("INTERNAL");
    service.start(backup("a"), Optional.empty(), (id, progress) -> done());
    assertThat(ended.take().state()).isEqualTo(OperationState.SUCCEEDED);
  }

  @Test
  void cancellingWhatRunsWaitsForItsCleanUp() throws InterruptedException {
    var begun = new CountDownLatch(1);
    var mayCleanUp = new CountDownLatch(1);
    var operation = service.start(backup("a"), Optional.empty(), untilCancelled(begun, mayCleanUp));
    begun.await();

    assertThat(service.cancel(operation.id(), "alice").orElseThrow().state())
        .isEqualTo(OperationState.CANCELLING);
    mayCleanUp.countDown();
    assertThat(ended.take().state()).isEqualTo(OperationState.CANCELLED);
    assertThat(sentences(operation)).contains("Cancellation was requested by alice");
    assertThat(service.cancel(operation.id(), "bob").orElseThrow().state())
        .isEqualTo(OperationState.CANCELLED);
  }

  @Test
  void cancellingWhatWaitsEndsItAtOnceAndItNeverRuns() throws InterruptedException {
    var begun = new LinkedBlockingQueue<String>();
    var go = new CountDownLatch(1);
    service.start(backup("a"), Optional.empty(), blocked(begun, "first", go));
    var second = service.start(backup("a"), Optional.empty(), blocked(begun, "second", go));
    begun.take();

    assertThat(service.cancel(second.id(), "alice").orElseThrow().state())
        .isEqualTo(OperationState.CANCELLED);
    go.countDown();
    ended.take();
    service.start(backup("a"), Optional.empty(), blocked(begun, "third", go));
    assertThat(begun.take()).isEqualTo("third");
  }

  @Test
  void workThatEndsInSpiteOfTheCancellationKeepsItsResult() throws InterruptedException {
    var begun = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var operation =
        service.start(
            backup("a"),
            Optional.empty(),
            (id, progress) -> {
              begun.countDown();
              await(go);
              return done();
            });
    begun.await();
    service.cancel(operation.id(), "alice");
    go.countDown();
    assertThat(ended.take().state()).isEqualTo(OperationState.SUCCEEDED);
  }

  @Test
  void aStopEndsWhatRunsCleanlyAndKeepsTheRestFromStarting() throws InterruptedException {
    var begun = new CountDownLatch(1);
    var runs =
        service.start(backup("a"), Optional.empty(), untilCancelled(begun, new CountDownLatch(0)));
    var waits = service.start(backup("a"), Optional.empty(), (id, progress) -> done());
    begun.await();

    service.close();

    assertThat(service.find(runs.id()).orElseThrow().state()).isEqualTo(OperationState.INTERRUPTED);
    assertThat(service.find(waits.id()).orElseThrow().state())
        .isEqualTo(OperationState.INTERRUPTED);
    assertThatThrownBy(() -> service.start(backup("a"), Optional.empty(), (id, progress) -> done()))
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.SERVICE_STOPPING));
  }

  @Test
  void aStopDoesNotWaitForeverForWorkThatDoesNotListen() throws InterruptedException {
    service = service(2, Duration.ofMillis(50));
    var begun = new CountDownLatch(1);
    var never = new CountDownLatch(1);
    var runs =
        service.start(
            backup("a"),
            Optional.empty(),
            (id, progress) -> {
              begun.countDown();
              await(never);
              return done();
            });
    begun.await();

    service.close();

    assertThat(service.find(runs.id()).orElseThrow().state().isFinal()).isTrue();
    never.countDown();
  }

  @Test
  void aStartAfterAKillMarksWhatWasLeftAndThenCleansUp() throws InterruptedException {
    var begun = new LinkedBlockingQueue<String>();
    var go = new CountDownLatch(1);
    var ran = service.start(backup("a"), Optional.empty(), blocked(begun, "a", go));
    var waited = service.start(backup("a"), Optional.empty(), blocked(begun, "b", go));
    begun.take();

    var cleanedAfter = new LinkedBlockingQueue<OperationState>();
    var next = service(2, Duration.ofSeconds(1));
    int left =
        next.recover(List.of(() -> cleanedAfter.add(store.find(ran.id()).orElseThrow().state())));

    assertThat(left).isEqualTo(2);
    assertThat(cleanedAfter).containsExactly(OperationState.INTERRUPTED);
    assertThat(store.find(waited.id()).orElseThrow().state()).isEqualTo(OperationState.INTERRUPTED);
    assertThat(sentences(ran)).last().asString().contains("while this was RUNNING");
    go.countDown();
  }

  @Test
  void theSameRequestUnderTheSameKeyIsOneOperation() throws InterruptedException {
    var runs = new AtomicInteger();
    Work work =
        (id, progress) -> {
          runs.incrementAndGet();
          return done();
        };
    var first =
        service.start(backup("a"), Optional.of(IdempotencyKey.of("me", "k", "BACKUP a")), work);
    ended.take();
    var second =
        service.start(backup("a"), Optional.of(IdempotencyKey.of("me", "k", "BACKUP a")), work);
    var other =
        service.start(backup("a"), Optional.of(IdempotencyKey.of("you", "k", "BACKUP a")), work);
    ended.take();

    assertThat(second.id()).isEqualTo(first.id());
    assertThat(other.id()).isNotEqualTo(first.id());
    assertThat(runs).hasValue(2);
    assertThatThrownBy(() ->
            service.start(backup("b"), Optional.of(IdempotencyKey.of("me", "k", "BACKUP b")), work))
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.IDEMPOTENCY_KEY_REUSED));
  }

  @Test
  void aScheduledRunGivesWayToTheSameThatStillRunsAndSaysSoThere() throws InterruptedException {
    var begun = new LinkedBlockingQueue<String>();
    var go = new CountDownLatch(1);
    var first = service.start(backup("a"), Optional.empty(), blocked(begun, "a", go));
    begun.take();

    assertThat(
            service.startUnlessBusy(backup("a"), "The run of 02:00 was skipped", (id, p) -> done()))
        .isEmpty();
    assertThat(sentences(first)).contains("The run of 02:00 was skipped");
    go.countDown();
    ended.take();
    assertThat(service.startUnlessBusy(backup("a"), "-", (id, p) -> done())).isPresent();
  }

  @Test
  void listsArePagedNewestFirstWithoutGapsOrRepetitions() throws InterruptedException {
    for (int i = 0; i < 7; i++) {
      service.start(backup("s" + i % 2), Optional.empty(), (id, progress) -> done());
    }
    for (int i = 0; i < 7; i++) {
      ended.take();
    }
    var all = store.list(Filter.all(), Optional.empty(), 100).stream().map(Operation::id).toList();
    var paged = new java.util.ArrayList<String>();
    Optional<String> before = Optional.empty();
    for (var page = store.list(Filter.all(), before, 3);
        !page.isEmpty();
        page = store.list(Filter.all(), before, 3)) {
      page.forEach(operation -> paged.add(operation.id()));
      before = Optional.of(paged.getLast());
    }
    assertThat(paged)
        .hasSize(7)
        .isEqualTo(all)
        .isSortedAccordingTo(java.util.Comparator.reverseOrder());
    assertThat(store.tallies())
        .allSatisfy(tally -> assertThat(tally.state()).isEqualTo(OperationState.SUCCEEDED))
        .extracting(OperationStore.Tally::count)
        .containsExactlyInAnyOrder(4L, 3L);
  }

  private OperationService service(int parallel, Duration stopWithin) {
    var ids = new OperationIds(Clock.systemUTC(), new SecureRandom());
    var made =
        new OperationService(store, ids, Clock.systemUTC(), new Limits(parallel, stopWithin));
    made.onEnd(ended::add);
    return made;
  }

  private static Order backup(String source) {
    return new Order(
        OperationType.BACKUP,
        Optional.of("plan-" + source),
        new Operation.Subject.Source(source),
        "test",
        Operation.Trigger.API);
  }

  private static Order about(OperationType type, String repository) {
    return new Order(
        type,
        Optional.empty(),
        new Operation.Subject.Repository(repository),
        "test",
        Operation.Trigger.API);
  }

  private static Outcome done() {
    return new Outcome("{}", Optional.empty(), Map.of());
  }

  private static Work blocked(BlockingQueue<String> begun, String name, CountDownLatch go) {
    return (id, progress) -> {
      begun.add(name);
      await(go);
      return done();
    };
  }

  private static Work untilCancelled(CountDownLatch begun, CountDownLatch mayCleanUp) {
    return (id, progress) -> {
      begun.countDown();
      while (true) {
        try {
          progress.checkCancelled();
          Thread.onSpinWait();
        } catch (LifeboatException e) {
          await(mayCleanUp);
          throw e;
        }
      }
    };
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(15, TimeUnit.SECONDS)) {
        throw new IllegalStateException("The test did not go on");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(ErrorCode.CANCELLED, "Interrupted", "-", e);
    }
  }

  private List<String> sentences(Operation operation) {
    return service.events(operation.id(), 0, 100).stream().map(Operation.Event::sentence).toList();
  }

  private List<OperationState> states(String source) {
    return store
        .list(
            new Filter(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(source),
                Optional.empty()),
            Optional.empty(),
            10)
        .stream()
        .map(Operation::state)
        .toList();
  }
}
