package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.progress.Progress;
import io.lifeboat.store.Body;
import io.lifeboat.store.InMemoryStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EvidenceLockerTest {
  private static final int DRILLS = 6;

  @TempDir Path folder;
  private InMemoryStore store;
  private RepositoryFixture fixture;

  @BeforeEach
  void backUp() {
    store = new InMemoryStore();
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
    SmallSnapshots.write(fixture.writer(), "s1", SmallSnapshots.randomFiles(1, 1, 1000));
  }

  private static String keep(Repository repository, String drill) {
    return repository.evidence().keep("docs", summary(drill), link -> document(drill, link));
  }

  private static DrillSummary summary(String drill) {
    return new DrillSummary(drill, "s1", "PASS", "L3", Instant.parse("2026-02-01T00:00:00Z"));
  }

  private static byte[] document(String drill, EvidenceLink link) {
    return String.join(" ", drill, link.repository(), "" + link.number(), link.previous())
        .getBytes(StandardCharsets.UTF_8);
  }

  private KeptEvidence requireChain(int length) {
    KeptEvidence all = fixture.both().evidence().all();
    assertThat(all.problems()).isEmpty();
    assertThat(all.documents()).hasSize(length);
    String previous = "0".repeat(64);
    for (int n = 1; n <= length; n++) {
      KeptEvidence.Document kept = all.documents().get(n - 1);
      var link = new EvidenceLink(all.repository(), n, previous);
      assertThat(kept.number()).isEqualTo(n);
      assertThat(kept.signed()).isEqualTo(document(kept.drill(), link));
      previous = Hashes.sha256Hex(kept.signed());
    }
    assertThat(all.last()).isEqualTo(new KeptEvidence.Last(length, previous));
    return all;
  }

  @Test
  void eachDocumentNamesTheOneBeforeItAndIsFoundByItsDrill() {
    requireChain(0);
    keep(fixture.both(), "dr_a");
    keep(fixture.both(), "dr_b");

    KeptEvidence all = requireChain(2);

    assertThat(fixture.both().evidence().find("dr_b")).contains(all.documents().get(1).signed());
    assertThat(all.signers())
        .contains(fixture.kit().admin(), fixture.service().writer().verifyKey());
  }

  @Test
  void drillsOfOneNodeThatEndAtOnceAreAChain() throws Exception {
    Repository node = fixture.both();
    atOnce(List.of(node));

    requireChain(DRILLS);
    assertThat(store.list(Names.EVIDENCE).count()).isEqualTo(DRILLS);
  }

  @Test
  void drillsOfSeveralNodesThatEndAtOnceAreAChainToo() throws Exception {
    atOnce(List.of(fixture.both(), fixture.onAnotherMachine(folder.resolve("other/spool")).both()));

    requireChain(DRILLS);
  }

  private static void atOnce(List<Repository> nodes) throws Exception {
    var start = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> kept = new ArrayList<>();
      for (int n = 0; n < DRILLS; n++) {
        String drill = "dr_" + n;
        Repository node = nodes.get(n % nodes.size());
        kept.add(
            threads.submit(() -> {
              start.await();
              return keep(node, drill);
            }));
      }
      start.countDown();
      for (Future<String> one : kept) {
        one.get();
      }
    }
  }

  @Test
  void whoeverIsOvertakenMakesItsDocumentAnew() {
    Repository slow = fixture.both();
    List<Long> numbers = new ArrayList<>();

    String name =
        slow.evidence()
            .keep(
                "docs",
                summary("dr_slow"),
                link -> {
                  numbers.add(link.number());
                  if (numbers.size() < 3) {
                    keep(fixture.both(), "dr_fast" + numbers.size());
                  }
                  return document("dr_slow", link);
                });

    assertThat(numbers).containsExactly(1L, 2L, 3L);
    assertThat(name).isEqualTo("e/dr_slow-3");
    requireChain(3);
    VerifyReport verified =
        fixture
            .both()
            .verification()
            .run(
                new VerifyOrder(Verification.Depth.L2, new VerifyShare.Everything(), false),
                Progress.none());
    assertThat(verified.problems()).isEmpty();
  }

  @Test
  void evidenceThatWasRemovedOrChangedInTheStoreIsToldOfAndHidesNoOther() {
    List<String> names = new ArrayList<>();
    for (int n = 0; n < 3; n++) {
      names.add(keep(fixture.both(), "dr_" + n));
    }
    store.delete(names.get(0));
    byte[] changed = store.get(names.get(1), 1 << 20);
    changed[changed.length / 2] ^= 1;
    store.delete(names.get(1));
    store.putIfAbsent(names.get(1), new Body.Bytes(changed));

    KeptEvidence all = fixture.both().evidence().all();

    assertThat(all.documents()).extracting(KeptEvidence.Document::drill).containsExactly("dr_2");
    assertThat(all.problems()).hasSize(2);
    assertThat(all.problems().get(0)).contains(names.get(0));
    assertThat(all.problems().get(1)).contains(names.get(1));
    assertThat(all.last().number()).isEqualTo(3);
  }
}
