package io.lifeboat.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.app.RunningService;
import io.lifeboat.operation.FakeEngines;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The real service over real HTTP; its engines wait until a test lets them go on. */
@Timeout(60)
class ApiTest {
  @TempDir static Path folder;

  private static final FakeEngines ENGINES = new FakeEngines();
  private static RunningService service;

  @BeforeAll
  static void start() throws Exception {
    ENGINES.snapshots.add(
        FakeEngines.snapshot("snap-1", "books", Instant.parse("2026-03-01T02:00:00Z")));
    service = RunningService.around(ENGINES, folder);
  }

  /** What a test that failed left behind is not the next one's. */
  @BeforeEach
  void nothingIsLeft() {
    ENGINES.mayEnd.drainPermits();
    ENGINES.begun.clear();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void aBackupIsAcceptedWatchedAndAnsweredInFull() throws Exception {
    var accepted = service.post("/v1/backups", "{\"plan\":\"books-plan\"}");

    assertThat(accepted.status()).isEqualTo(202);
    String id = accepted.text("/id");
    assertThat(accepted.response().headers().firstValue("Location").orElseThrow())
        .endsWith("/v1/operations/" + id);
    assertThat(accepted.text("/links/cancel")).isEqualTo("/v1/operations/" + id + "/cancel");
    ENGINES.begun.take();
    var running = service.get("/v1/operations/" + id);
    assertThat(running.text("/state")).isEqualTo("RUNNING");
    assertThat(running.text("/phases/0/name")).isEqualTo("read");
    assertThat(running.text("/phases/0/expectedBytes")).isEqualTo("1000");
    assertThat(running.text("/requestedBy")).isEqualTo("first");

    ENGINES.mayEnd.release();
    var done = service.ended(id);
    assertThat(done.text("/state")).isEqualTo("SUCCEEDED");
    assertThat(done.text("/result/snapshot")).isEqualTo("snap-1");
    assertThat(done.text("/result/operation")).isEqualTo(id);
    assertThat(done.text("/phases/0/bytes")).isEqualTo("1000");
    assertThat(Instant.parse(done.text("/finishedAt")))
        .isAfterOrEqualTo(Instant.parse(done.text("/startedAt")));
    assertThat(done.body().has("error")).isFalse();

    var events = service.get("/v1/operations/" + id + "/events?after=1");
    assertThat(events.body().at("/events").findValuesAsText("sentence"))
        .containsExactly(
            "One file was left out", "200 bytes were stored by runs that did not end", "SUCCEEDED");
    assertThat(service.get("/v1/operations/" + id + "/log").response().body())
        .contains("Z Started\n")
        .endsWith("Z SUCCEEDED\n");
  }

  @Test
  void aDrillTellsItsVerdictAndItsEvidenceIsServedAsItLies() throws Exception {
    ENGINES.mayEnd.release();
    var accepted = service.post("/v1/drills", "{\"plan\":\"books-plan\",\"scratch\":\"process\"}");
    assertThat(accepted.status()).isEqualTo(202);
    ENGINES.begun.take();
    var done = service.ended(accepted.text("/id"));

    assertThat(done.text("/verdict")).isEqualTo("PASS");
    assertThat(done.text("/result/rtoSeconds")).isEqualTo("42.0");
    assertThat(done.text("/result/checks/0/id")).isEqualTo("BOOT-1");
    assertThat(done.text("/drill")).isEqualTo(done.text("/result/drill")).startsWith("dr_");
    var evidence = service.get(done.text("/links/evidence"));
    assertThat(evidence.response().body()).isEqualTo("{\"drill\":\"" + done.text("/drill") + "\"}");
    assertThat(service.get("/v1/drills/dr_unknown/evidence").status()).isEqualTo(404);
  }

  @Test
  void aDrillsSnapshotMayBeChosenAtRandom() throws Exception {
    ENGINES.mayEnd.release();
    var accepted =
        service.post(
            "/v1/drills", "{\"plan\":\"books-plan\",\"select\":\"random\",\"within\":\"P7D\"}");
    assertThat(accepted.status()).isEqualTo(202);
    assertThat(ENGINES.begun.take()).startsWith("drill books-plan ").endsWith(" random");
    service.ended(accepted.text("/id"));
  }

  @Test
  void aPruneIsAcceptedAndTellsWhatItCouldNotDo() throws Exception {
    ENGINES.mayEnd.release();
    var accepted = service.post("/v1/prunes", "{\"repository\":\"local\"}");
    assertThat(accepted.status()).isEqualTo(202);
    String id = accepted.text("/id");
    assertThat(accepted.response().headers().firstValue("Location").orElseThrow())
        .endsWith("/v1/operations/" + id);
    assertThat(ENGINES.begun.take()).isEqualTo("prune local");
    var done = service.ended(id);
    assertThat(done.text("/state")).isEqualTo("SUCCEEDED");
    assertThat(done.text("/type")).isEqualTo("PRUNE");
    assertThat(done.text("/repository")).isEqualTo("local");
    assertThat(done.body().has("source")).isFalse();
    assertThat(done.text("/result/bytesFreed")).isEqualTo("1000");
    assertThat(service.get("/v1/operations?repository=local&type=prune").body().at("/operations"))
        .hasSize(1);

    ENGINES.refused.add("p/d/00/11: the store denies it");
    ENGINES.mayEnd.release();
    var again = service.post("/v1/prunes", "{\"repository\":\"local\"}");
    ENGINES.begun.take();
    var failed = service.ended(again.text("/id"));
    ENGINES.refused.clear();
    assertThat(failed.text("/state")).isEqualTo("FAILED");
    assertThat(failed.text("/error/code")).isEqualTo("PRUNE_INCOMPLETE");
    assertThat(failed.text("/result/refused/0")).contains("p/d/00/11");
  }

  @Test
  void aDryRunOnlyLooks() throws Exception {
    ENGINES.mayEnd.release();
    var accepted = service.post("/v1/prunes", "{\"repository\":\"local\",\"dryRun\":true}");
    assertThat(ENGINES.begun.take()).isEqualTo("look at local");
    var looked = service.ended(accepted.text("/id"));
    assertThat(looked.text("/verdict")).isEqualTo("DRY_RUN");
    assertThat(looked.text("/result/dryRun")).isEqualTo("true");
    assertThat(looked.text("/result/repacked/bytesFreed")).isEqualTo("700");
    assertThat(looked.text("/result/condemned/packs")).isEqualTo("2");
    assertThat(looked.text("/result/deleted/bytes")).isEqualTo("1000");
    assertThat(looked.text("/result/waiting/packs")).isEqualTo("3");
    assertThat(looked.text("/result/waiting/firstDue")).isEqualTo("2026-12-01T00:00:00Z");
    assertThat(service.get(looked.text("/links/log")).response().body())
        .contains("would now repack 1 packs")
        .contains("would now delete 1 packs with 1.0 kB")
        .contains("later: 3 packs with 3.0 kB");
  }

  @Test
  void aVerificationThatFindsProblemsHasFailedAndNamesThem() throws Exception {
    ENGINES.problems.add("p/d/00/11: its bytes were changed");
    ENGINES.mayEnd.release();
    var accepted = service.post("/v1/verifications", "{\"repository\":\"local\"}");
    assertThat(accepted.status()).isEqualTo(202);
    assertThat(ENGINES.begun.take()).isEqualTo("verify local L2 Fraction[part=0.25]");
    var failed = service.ended(accepted.text("/id"));
    ENGINES.problems.clear();

    assertThat(failed.text("/state")).isEqualTo("FAILED");
    assertThat(failed.text("/verdict")).isEqualTo("FAIL");
    assertThat(failed.text("/error/code")).isEqualTo("VERIFICATION_FAILED");
    assertThat(failed.text("/error/message")).contains("p/d/00/11");
    assertThat(failed.text("/result/problems/0")).contains("p/d/00/11");
    assertThat(service.get(failed.text("/links/log")).response().body())
        .contains("p/d/00/11: its bytes were changed\n", "No index segment names one pack\n");

    ENGINES.mayEnd.release();
    var sound =
        service.post(
            "/v1/verifications", "{\"repository\":\"local\",\"level\":\"L1\",\"window\":\"P7D\"}");
    assertThat(ENGINES.begun.take()).isEqualTo("verify local L1 Window[length=PT168H]");
    var succeeded = service.ended(sound.text("/id"));
    assertThat(succeeded.text("/state")).isEqualTo("SUCCEEDED");
    assertThat(succeeded.text("/result/coverage/packsVerified")).isEqualTo("2");
  }

  @Test
  void aBackupTakesTagsAndSnapshotsAreFoundByThem() throws Exception {
    ENGINES.mayEnd.release();
    var accepted =
        service.post("/v1/backups", "{\"plan\":\"books-plan\",\"tags\":[\"release-4.2\"]}");
    assertThat(ENGINES.begun.take()).isEqualTo("backup books-plan #release-4.2");
    service.ended(accepted.text("/id"));

    assertThat(service.get("/v1/snapshots?tag=monthly").text("/snapshots/0/tags/0"))
        .isEqualTo("monthly");
    assertThat(service.get("/v1/snapshots?tag=month").body().at("/snapshots")).isEmpty();
  }

  @Test
  void aRestoreRunsOnlyToATargetThatIsSafe() throws Exception {
    String safe = folder.resolve("restored").toString();
    ENGINES.mayEnd.release();
    var accepted =
        service.post("/v1/restores", "{\"source\":\"books\",\"target\":\"" + safe + "\"}");
    assertThat(accepted.status()).isEqualTo(202);
    assertThat(ENGINES.begun.take()).isEqualTo("restore books to " + safe);
    assertThat(service.ended(accepted.text("/id")).text("/state")).isEqualTo("SUCCEEDED");

    for (String bad :
        new String[] {"relative", folder + "/books/x", folder + "/repository", folder + "/var/x"}) {
      var refused =
          service.post("/v1/restores", "{\"source\":\"books\",\"target\":\"" + bad + "\"}");
      assertThat(refused.status()).as(bad).isIn(400, 409);
      assertThat(refused.text("/suggestion")).isNotBlank();
    }
    assertThat(ENGINES.begun).isEmpty();
  }

  @Test
  void aCancelledOperationEndsAsCancelled() throws Exception {
    var accepted = service.post("/v1/backups", "{\"plan\":\"books-plan\"}");
    String id = accepted.text("/id");
    ENGINES.begun.take();
    var cancelled = service.post("/v1/operations/" + id + "/cancel", "");
    assertThat(cancelled.status()).isEqualTo(202);
    assertThat(cancelled.text("/state")).isIn("CANCELLING", "CANCELLED");
    var ended = service.ended(id);
    assertThat(ended.text("/state")).isEqualTo("CANCELLED");
    assertThat(ended.text("/error/code")).isEqualTo("CANCELLED");
  }

  @Test
  void theSameKeyAnswersWithTheSameOperationAndAnotherRequestUnderItIsRefused() throws Exception {
    ENGINES.mayEnd.release();
    var first =
        service.post("/v1/backups", "{\"plan\":\"books-plan\"}", "Idempotency-Key", "key-1");
    ENGINES.begun.take();
    service.ended(first.text("/id"));
    var again =
        service.post("/v1/backups", "{\"plan\":\"books-plan\"}", "Idempotency-Key", "key-1");
    var other = service.post("/v1/drills", "{\"plan\":\"books-plan\"}", "Idempotency-Key", "key-1");

    assertThat(again.text("/id")).isEqualTo(first.text("/id"));
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.text("/code")).isEqualTo("IDEMPOTENCY_KEY_REUSED");
    assertThat(ENGINES.begun).isEmpty();
  }

  @Test
  void plansShowWhenTheyRunNextAndWhatIsProven() throws Exception {
    var plan = service.get("/v1/plans").body().at("/plans/0");

    assertThat(plan.at("/name").asText()).isEqualTo("books-plan");
    assertThat(plan.at("/backups/next").size()).isEqualTo(3);
    assertThat(Instant.parse(plan.at("/backups/next/0").asText())).isAfter(Instant.now());
    assertThat(plan.at("/backups/zone").asText()).isEqualTo("Europe/Berlin");
    assertThat(plan.at("/objectives/rto").asText()).isEqualTo("PT30M");
    assertThat(plan.at("/drills/next").size()).isZero();
  }

  @Test
  void snapshotsCarryTheirProof() throws Exception {
    var snapshots = service.get("/v1/snapshots?source=books").body().at("/snapshots");
    assertThat(snapshots.at("/0/id").asText()).isEqualTo("snap-1");
    assertThat(snapshots.at("/0/proof/level").asText()).isEqualTo("L6");
    assertThat(snapshots.at("/0/finishedAt").asText()).isEqualTo("2026-03-01T02:00:00Z");
  }

  @Test
  void proofsTellHowMuchOfEachPlanIsProven() throws Exception {
    var plan = service.get("/v1/proofs?plan=books-plan").body().at("/plans/0");
    assertThat(plan.at("/kept").asInt()).isEqualTo(1);
    assertThat(plan.at("/proven").asInt()).isEqualTo(1);
    assertThat(plan.at("/newest/standing/status").asText()).isEqualTo("VALID");
    assertThat(plan.at("/provenPoints/L6/snapshot").asText()).isEqualTo("snap-1");
    assertThat(plan.at("/provenPoints").has("L7")).isFalse();
    assertThat(plan.at("/newestProven").asBoolean()).isTrue();
    assertThat(plan.at("/unproven")).isEmpty();
    assertThat(service.get("/v1/proofs?plan=book-plan").text("/code")).isEqualTo("PLAN_UNKNOWN");
    assertThat(service.get("/v1/snapshots").text("/snapshots/0/standing/status"))
        .isEqualTo("VALID");
  }

  @Test
  void aHeldSnapshotSaysWhy() throws Exception {
    assertThat(service.get("/v1/snapshots").body().at("/snapshots/0").has("heldBecause")).isFalse();
    ENGINES.held.put("snap-1", "an auditor asked");
    try {
      assertThat(service.get("/v1/snapshots").text("/snapshots/0/heldBecause"))
          .isEqualTo("an auditor asked");
    } finally {
      ENGINES.held.clear();
    }
  }

  @Test
  void operationsArePagedByCursor() throws Exception {
    for (int i = 0; i < 3; i++) {
      ENGINES.mayEnd.release();
      var accepted = service.post("/v1/backups", "{\"plan\":\"books-plan\"}");
      ENGINES.begun.take();
      service.ended(accepted.text("/id"));
    }
    var first = service.get("/v1/operations?limit=2&type=backup");
    assertThat(first.body().at("/operations").size()).isEqualTo(2);
    String cursor = first.text("/nextCursor");
    var second = service.get("/v1/operations?limit=2&type=backup&cursor=" + cursor);
    assertThat(second.text("/operations/0/id")).isLessThan(cursor);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "POST | /v1/backups      | {`plan`:`book-plan`}            | 422 | PLAN_UNKNOWN        |"
            + " Did you mean 'books-plan'",
        "POST | /v1/backups      | {}                              | 400 | USAGE_INVALID       |"
            + " Add it",
        "POST | /v1/backups      | {`plans`:`books-plan`}          | 400 | USAGE_INVALID       | ",
        "POST | /v1/backups      | {`plan`:                        | 400 | USAGE_INVALID       |"
            + " JSON",
        "POST | /v1/backups      |                                 | 400 | USAGE_INVALID       |"
            + " JSON",
        "POST | /v1/backups      | []                              | 400 | USAGE_INVALID       | ",
        "POST | /v1/drills       | {`plan`:`books-plan`,`scratch`:`vm`} | 400 | USAGE_INVALID  | ",
        "POST | /v1/drills       | {`plan`:`books-plan`,`select`:`any`} | 400 | USAGE_INVALID | ",
        "POST | /v1/drills       | {`plan`:`books-plan`,`select`:`random`,`snapshot`:`s`} | 400 |"
            + " USAGE_INVALID | a snapshot, or",
        "POST | /v1/drills       | {`plan`:`books-plan`,`within`:`P7D`} | 400 | USAGE_INVALID |"
            + " what to select",
        "POST | /v1/restores     | {`source`:`book`,`target`:`/x`} | 422 | SOURCE_UNKNOWN      |"
            + " Did you mean 'books'",
        "POST | /v1/backups      | {`plan`:`books-plan`,`tags`:[`a b`]} | 400 | USAGE_INVALID |"
            + " plan",
        "POST | /v1/backups      | {`plan`:`books-plan`,`tags`:[null]} | 400 | USAGE_INVALID | ",
        "POST | /v1/prunes       | {`repository`:`locale`}         | 422 | REPOSITORY_UNKNOWN |"
            + " Did you mean 'local'",
        "POST | /v1/verifications | {`repository`:`x`}             | 422 | REPOSITORY_UNKNOWN |"
            + " local",
        "POST | /v1/verifications | {`repository`:`local`,`level`:`L3`} | 400 | USAGE_INVALID | L2",
        "POST | /v1/verifications | {`repository`:`local`,`level`:`L0`,`subset`:`1/2`} | 400 |"
            + " USAGE_INVALID | L1",
        "POST | /v1/verifications | {`repository`:`local`,`window`:`P1D`,`subset`:`1/2`} | 400 |"
            + " USAGE_INVALID | or a subset",
        "POST | /v1/verifications | {`repository`:`local`,`window`:`PT0S`} | 400 | USAGE_INVALID |"
            + " P30D",
        "POST | /v1/verifications | {`repository`:`local`,`subset`:`0%`} | 400 | USAGE_INVALID |"
            + " 1/20",
        "GET  | /v1/backups      |                                 | 405 | METHOD_NOT_ALLOWED  |"
            + " POST",
        "GET  | /v1/nothing      |                                 | 404 | RESOURCE_UNKNOWN    |"
            + " /v1",
        "GET  | /                |                                 | 404 | RESOURCE_UNKNOWN    |"
            + " /v1",
        "GET  | /v1/operations/x |                                 | 404 | OPERATION_UNKNOWN   |"
            + " /v1/operations",
        "GET  | /v1/operations/x/events |                          | 404 | OPERATION_UNKNOWN   | ",
        "POST | /v1/operations/x/cancel |                          | 404 | OPERATION_UNKNOWN   | ",
        "GET  | /v1/operations?limit=0 |                           | 400 | USAGE_INVALID       |"
            + " from 1 to 200",
        "GET  | /v1/operations?state=done |                        | 400 | USAGE_INVALID       |"
            + " RUNNING",
        "GET  | /v1/snapshots?source=x |                           | 422 | SOURCE_UNKNOWN      |"
            + " books",
      })
  void everyErrorIsAProblemThatSaysWhatToDo(
      String method, String path, String body, int status, String code, String suggestion)
      throws Exception {
    String json = body == null ? "" : body.replace("`", "\"");
    var request =
        service
            .request(path)
            .header("Content-Type", "application/json")
            .method(
                method,
                method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
    problem(service.send(request.build()), status, code, suggestion);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/v1/backups       | {`plan`:                                | line 1, column | one JSON"
            + " object",
        "/v1/backups       | {`plan`:`books-plan`} more              | line 1, column | one JSON"
            + " object",
        "/v1/backups       | []                                      | not an object  | one JSON"
            + " object",
        "/v1/prunes        | 3                                       | not an object  | one JSON"
            + " object",
        "/v1/backups       | {`plan`:[1]}                            | 'plan'         | Send a"
            + " string",
        "/v1/backups       | {`plan`:`books-plan`,`tags`:`x`}        | 'tags'         | a list of"
            + " strings",
        "/v1/backups       | {`plan`:`books-plan`,`tags`:[null]}     | null           | Leave the"
            + " null out",
        "/v1/drills        | {`plan`:`books-plan`,`scratch`:`vm`}    | 'scratch'      | docker,"
            + " process",
        "/v1/prunes        | {`repository`:`local`,`dryRun`:`maybe`} | 'dryRun'       | true or"
            + " false",
        "/v1/verifications | {`repository`:`local`,`window`:`30d`}   | 'window'       | such as"
            + " `P30D`",
      })
  void aBodyThatDoesNotFitIsToldWhereAndWhatWould(
      String path, String body, String detail, String suggestion) throws Exception {
    var answer = service.post(path, body.replace("`", "\""));
    problem(answer, 400, "USAGE_INVALID", suggestion.replace("`", "\""));
    assertThat(answer.text("/detail")).contains(detail);
  }

  @Test
  void aPathThatIsNotThereIsAnsweredWithThosePathsThatAre() throws Exception {
    String paths = service.get("/v1/nothing").text("/suggestion");
    var path = Pattern.compile("(?<=[ ])/[a-zA-Z0-9/]+").matcher(paths);
    int found = 0;
    while (path.find()) {
      String whole =
          path.group().startsWith("/v1/") ? path.group() : "/v1/operations/ID" + path.group();
      assertThat(service.get(whole).text("/code")).as(whole).isNotEqualTo("RESOURCE_UNKNOWN");
      found++;
    }
    assertThat(found).isEqualTo(15);
  }

  @Test
  void aHeaderThatDoesNotFitIsNamed() throws Exception {
    var html = service.request("/v1/plans").header("Accept", "text/html").GET().build();
    var refused = service.send(html);
    problem(refused, 415, "MEDIA_TYPE_UNSUPPORTED", "text/plain");
    assertThat(refused.text("/detail")).contains("Accept");

    var gzip =
        service
            .request("/v1/backups")
            .header("Content-Type", "application/json")
            .header("Content-Encoding", "gzip")
            .POST(BodyPublishers.ofString("{}"))
            .build();
    problem(service.send(gzip), 400, "USAGE_INVALID", "Leave that header out");
  }

  @Test
  void anotherMediaTypeIsRefused() throws Exception {
    var request =
        service
            .request("/v1/backups")
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofString("x"));
    var refused = service.send(request.build());
    problem(refused, 415, "MEDIA_TYPE_UNSUPPORTED", "'Content-Type: application/json'");
    assertThat(refused.text("/detail")).contains("Content-Type");
  }

  @Test
  void nobodyGetsNearTheApiWithoutItsToken() throws Exception {
    Optional<String> token = service.token;
    try {
      for (String wrong : new String[] {"", "lbt_wrong", token.orElseThrow() + "x"}) {
        service.token = Optional.of(wrong).filter(it -> !it.isEmpty());
        for (String path : new String[] {"/v1/plans", "/v1/nothing", "/v1/operations"}) {
          var answer = service.get(path);
          problem(answer, 401, "UNAUTHENTICATED", "Bearer");
          assertThat(answer.response().headers().firstValue("WWW-Authenticate")).isPresent();
        }
        problem(
            service.post("/v1/backups", "{\"plan\":\"books-plan\"}"),
            401,
            "UNAUTHENTICATED",
            "Bearer");
      }
    } finally {
      service.token = token;
    }
    assertThat(ENGINES.begun).isEmpty();
  }

  /** An answer sent before the body has come must not cost the next request its connection. */
  @Test
  void aRefusedRequestLeavesItsConnectionFitForTheNext() throws Exception {
    Optional<String> token = service.token;
    for (int i = 0; i < 300; i++) {
      service.token = Optional.of("lbt_wrong");
      assertThat(service.post("/v1/backups", "{\"plan\":\"books-plan\"}").status()).isEqualTo(401);
      service.token = token;
      assertThat(service.post("/v1/nothing", "{}").status()).isEqualTo(404);
      assertThat(service.post("/v1/plans", "{}").status()).isEqualTo(405);
    }
  }

  @Test
  void aBodyTooLongToReadForNothingEndsTheConnectionAndTheAnswerSaysSo() throws Exception {
    var answer = service.post("/v1/nothing", " ".repeat(1 << 20));
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.response().headers().firstValue("Connection")).contains("close");
    assertThat(service.post("/v1/nothing", "{}").status()).isEqualTo(404);
  }

  private static void problem(
      RunningService.Answer answer, int status, String code, String suggestion) {
    assertThat(answer.status()).as(answer.response().body()).isEqualTo(status);
    assertThat(answer.response().headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/problem+json");
    assertThat(answer.body().fieldNames())
        .toIterable()
        .contains(
            "type", "title", "status", "detail", "instance", "code", "suggestion", "retryable");
    assertThat(answer.text("/code")).isEqualTo(code);
    assertThat(answer.text("/suggestion")).contains(suggestion == null ? "" : suggestion);
    assertThat(answer.response().body()).doesNotContain("Exception").doesNotContain("\\tat ");
  }
}
