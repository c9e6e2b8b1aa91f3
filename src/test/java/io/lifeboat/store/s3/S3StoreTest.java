package io.lifeboat.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lifeboat.config.Secret;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.store.Body;
import io.lifeboat.store.PutOutcome;
import io.lifeboat.store.StoreProbe;
import io.lifeboat.store.s3.DisturbedHttpClient.Disturbance;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;

class S3StoreTest {
  private static EmbeddedS3 server;
  private static int buckets;

  private S3Settings settings;
  private S3Store store;
  private DisturbedHttpClient http;
  private S3Store disturbed;
  private final List<Duration> pauses = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    server = EmbeddedS3.inMemory();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void open() {
    String bucket = "test-" + ++buckets;
    settings = server.createBucket(bucket).settings(bucket, "prod");
    store = new S3Store(settings);
    http = new DisturbedHttpClient(Apache5HttpClient.create());
    var client = S3Connection.builder(settings).httpClientBuilder(null).httpClient(http).build();
    disturbed = new S3Store(settings, client, pauses::add);
  }

  @AfterEach
  void close() {
    store.close();
    disturbed.close();
    assertThat(http.isUndisturbed()).as("all disturbances happened").isTrue();
  }

  @Test
  void thisServerHonoursConditions() {
    new StoreProbe(new SecureRandom()).requireConditionalPut(store);
  }

  @Test
  void aPutWhoseAnswerWasLostIsRecognisedAsOurOwn(@TempDir Path folder) throws Exception {
    http.queue(new Disturbance.LoseAnswer(), new Disturbance.LoseAnswer());

    assertThat(disturbed.putIfAbsent("log/1", body("mine"))).isEqualTo(PutOutcome.CREATED);
    assertThat(text("log/1")).isEqualTo("mine");

    http.queue(new Disturbance.LoseAnswer());
    Path spooled = Files.writeString(folder.resolve("spooled"), "a".repeat(1_000_000));
    assertThat(disturbed.putIfAbsent("p/1", new Body.SpooledFile(spooled, 1_000_000)))
        .isEqualTo(PutOutcome.CREATED);
  }

  @Test
  void aPutThatSomebodyElseWonIsNotTakenForOurOwn(@TempDir Path folder) throws Exception {
    store.putIfAbsent("log/1", body("theirs"));
    http.queue(new Disturbance.LoseRequest(), new Disturbance.LoseAnswer());

    assertThat(disturbed.putIfAbsent("log/1", body("mine!!"))).isEqualTo(PutOutcome.EXISTS);
    assertThat(text("log/1")).isEqualTo("theirs");

    http.queue(new Disturbance.LoseAnswer());
    Path spooled = Files.writeString(folder.resolve("spooled"), "mine!!");
    assertThat(disturbed.putIfAbsent("log/1", new Body.SpooledFile(spooled, 6)))
        .isEqualTo(PutOutcome.EXISTS);
  }

  @Test
  void equalBytesThatWereThereBeforeAreNotOurs() {
    store.putIfAbsent("log/1", body("same"));
    http.queue(new Disturbance.Answer(409, "ConditionalRequestConflict"));

    assertThat(disturbed.putIfAbsent("log/1", body("same"))).isEqualTo(PutOutcome.EXISTS);
  }

  @ParameterizedTest
  @CsvSource({
    "409, ConditionalRequestConflict",
    "503, SlowDown",
    "500, InternalError",
    "429, TooManyRequests"
  })
  void whatPassesIsTriedAgain(int status, String code) {
    disturbed.head("never-there");
    http.queue(new Disturbance.Answer(status, code), new Disturbance.Answer(status, code));
    assertThat(disturbed.putIfAbsent("a", body("x"))).isEqualTo(PutOutcome.CREATED);

    http.queue(new Disturbance.Answer(status, code), new Disturbance.LoseRequest());
    assertThat(disturbed.get("a", 100 << 20)).isEqualTo("x".getBytes(StandardCharsets.UTF_8));
    http.queue(new Disturbance.Answer(status, ""));
    assertThat(disturbed.head("a")).isPresent();
    http.queue(new Disturbance.Answer(status, code));
    try (Stream<?> list = disturbed.list("")) {
      assertThat(list).hasSize(1);
    }
    http.queue(new Disturbance.Answer(status, code));
    disturbed.delete("a");
    assertThat(store.head("a")).isEmpty();
    assertThat(pauses).hasSize(7);
  }

  @Test
  void anAnswerThatBreaksOffIsReadAgain() {
    store.putIfAbsent("a", body("0123456789"));
    http.queue(new Disturbance.CutAnswer(4), new Disturbance.CutAnswer(0));

    assertThat(disturbed.get("a", 100 << 20)).hasSize(10);
    assertThat(http.methods()).containsExactly("GET", "GET", "GET");
  }

  @Test
  void aServerThatDoesNotKnowConditionsIsUnsafe() {
    http.queue(new Disturbance.Answer(501, "NotImplemented"));

    assertFailure(
        () -> disturbed.putIfAbsent("a", body("x")),
        ErrorCode.STORE_UNSAFE,
        "conditional",
        "If-None-Match");
  }

  @ParameterizedTest
  @CsvSource({
    "403, RequestTimeTooSkewed, STORE_DENIED, clock",
    "403, AccessDenied, STORE_DENIED, s3:PutObject",
    "403, QuotaExceeded, DISK_FULL, limit",
    "400, ExpiredToken, STORE_DENIED, expired",
    "507, '', DISK_FULL, space",
    "301, PermanentRedirect, CONFIG_INVALID, eu-north-1",
    "400, InvalidRequest, IO_FAILED, store.endpoint",
    "404, NoSuchBucket, BUCKET_MISSING, create-bucket",
  })
  void whatStaysWrongIsNotTriedAgain(int status, String code, ErrorCode expected, String hint) {
    http.queue(new Disturbance.Answer(status, code, "x-amz-bucket-region", "eu-north-1"));

    assertFailure(() -> disturbed.putIfAbsent("a", body("x")), expected, settings.bucket(), hint);
    assertThat(pauses).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("askingCalls")
  void aMissingBucketIsNamedWithTheWayToMakeIt(Consumer<S3Store> call) {
    assertFailureOf(
        server.settings("no-such-bucket", "prod"),
        call,
        ErrorCode.BUCKET_MISSING,
        "no-such-bucket",
        "aws s3api create-bucket --bucket no-such-bucket --endpoint-url " + server.endpoint());
  }

  @ParameterizedTest
  @MethodSource("askingCalls")
  void anUnknownAccessKeyIsNamedByItsField(Consumer<S3Store> call) {
    assertFailureOf(
        withKeys("wrong-access", EmbeddedS3.SECRET_KEY),
        call,
        ErrorCode.STORE_DENIED,
        "InvalidAccessKeyId",
        "store.accessKey");
  }

  @ParameterizedTest
  @MethodSource("askingCalls")
  void aWrongSecretKeyIsNamedByItsField(Consumer<S3Store> call) {
    assertFailureOf(
        withKeys(EmbeddedS3.ACCESS_KEY, "wrong-secret"),
        call,
        ErrorCode.STORE_DENIED,
        "SignatureDoesNotMatch",
        "store.secretKey");
  }

  @ParameterizedTest
  @MethodSource("askingCalls")
  void whereNobodyListensTheEndpointIsNamed(Consumer<S3Store> call) throws Exception {
    URI nobody;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
    var away = at(nobody);
    try (var client = S3Connection.open(away)) {
      var patient = new S3Store(away, client, pauses::add);
      var failure = catchThrowableOfType(TransientException.class, () -> call.accept(patient));
      assertThat(failure.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE);
      assertThat(failure).hasMessageContaining(nobody.toString());
      assertThat(failure.hint()).contains("Nobody answers at store.endpoint = " + nobody);
      assertThat(pauses).hasSize(2);
    }
  }

  @Test
  void anUnknownHostIsNamed() {
    var away = at(URI.create("http://no-such-host.invalid:9000"));
    try (var client = S3Connection.open(away)) {
      var patient = new S3Store(away, client, pauses::add);
      var failure =
          catchThrowableOfType(TransientException.class, () -> patient.get("a", 100 << 20));
      assertThat(failure.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE);
      assertThat(failure.hint()).contains("host name").contains("no-such-host.invalid");
    }
  }

  @Test
  void secretsAppearNowhere() {
    var wrong = withKeys(EmbeddedS3.ACCESS_KEY, "wrong-secret");
    try (var refused = new S3Store(wrong)) {
      var failure =
          catchThrowableOfType(LifeboatException.class, () -> refused.get("a", 100 << 20));
      for (String text :
          List.of(
              wrong.toString(),
              refused.describe(),
              String.valueOf(failure.getMessage()),
              failure.hint(),
              String.valueOf(failure.getCause()))) {
        assertThat(text).doesNotContain("wrong-secret").doesNotContain(EmbeddedS3.SECRET_KEY);
      }
    }
    assertThat(settings.toString()).contains("********").doesNotContain(EmbeddedS3.ACCESS_KEY);
  }

  @Test
  void anInterruptStopsAndStaysSet() {
    Thread.currentThread().interrupt();
    try {
      assertFailure(() -> store.get("a", 100 << 20), ErrorCode.CANCELLED, "interrupted", "again");
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void objectsOfOthersAreNotListed() {
    store.putIfAbsent("ours", body("x"));
    try (var client = S3Connection.open(settings);
        Stream<?> list = store.list("")) {
      for (String key : List.of("prod/not ours", "prod/.hidden", "production/x", "x")) {
        client.putObject(put -> put.bucket(settings.bucket()).key(key), S3Bytes.content(body("x")));
      }
      assertThat(list).hasSize(1);
    }
  }

  @Test
  void twoPrefixesOfOneBucketDoNotSeeEachOther() {
    try (var other = new S3Store(server.settings(settings.bucket(), "test"))) {
      store.putIfAbsent("a", body("prod"));

      assertThat(other.head("a")).isEmpty();
      assertThat(other.putIfAbsent("a", body("test"))).isEqualTo(PutOutcome.CREATED);
      assertThat(text("a")).isEqualTo("prod");
    }
  }

  static Stream<Consumer<S3Store>> askingCalls() {
    return Stream.of(
        store -> store.putIfAbsent("a/b", body("x")),
        store -> store.get("a/b", 100 << 20),
        store -> store.getRange("a/b", 1, 2),
        store -> store.head("a/b"),
        store -> assertThat(store.list("a").toList()).isEmpty(),
        store -> store.delete("a/b"));
  }

  private static void assertFailureOf(
      S3Settings settings, Consumer<S3Store> call, ErrorCode code, String fact, String hint) {
    try (var store = new S3Store(settings)) {
      assertFailure(() -> call.accept(store), code, fact, hint);
    }
  }

  private static void assertFailure(Runnable call, ErrorCode code, String fact, String hint) {
    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(call::run)
        .withMessageContaining(fact)
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(code))
        .satisfies(failure -> assertThat(failure.hint()).contains(hint));
  }

  private S3Settings withKeys(String accessKey, String secretKey) {
    return new S3Settings(
        settings.endpoint(),
        settings.region(),
        settings.bucket(),
        settings.prefix(),
        true,
        Optional.of(new S3Settings.Credentials(new Secret(accessKey), new Secret(secretKey))));
  }

  private S3Settings at(URI endpoint) {
    return new S3Settings(
        Optional.of(endpoint),
        "us-east-1",
        settings.bucket(),
        "prod",
        true,
        settings.credentials());
  }

  private static Body body(String text) {
    return new Body.Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  private String text(String name) {
    return new String(store.get(name, 100 << 20), StandardCharsets.UTF_8);
  }
}
