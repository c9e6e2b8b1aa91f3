package io.lifeboat.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationFileTest {
  static final String WHOLE =
      """
      server: { applicationConnectors: [] }   # comments may hold ${UNSET}
      keys: { service: ./service.key, recovery: ./recovery-kit.txt }
      repositories:
        primary:
          store: { type: s3, endpoint: "http://127.0.0.1:9000", bucket: lifeboat, prefix: prod,
                   pathStyle: true, accessKey: "${S3_ACCESS_KEY}", secretKey: "${S3_SECRET_KEY:-s3cr3t}" }
        local:
          store: { type: folder, path: backup }
      sources:
        shop: { type: postgres, mode: physical, url: "postgresql://lifeboat@db.example:5432/shop", password: "${SHOP_PASSWORD}" }
        artifacts: { type: files, paths: [/srv/artifacts, more], exclude: ["**/*.tmp"] }
      plans:
        shop-nightly:
          source: shop
          repository: primary
          schedule: { cron: "0 2 * * *", zone: Europe/Berlin, jitter: PT5M, misfire: RUN_ONCE }
          retention: { last: 7, daily: 14 }
          objectives: { rpo: PT5M, rto: PT30M, provenWithin: P7D }
          drill:
            schedule: { cron: "0 4 * * 0" }
            scratch: docker
            image: "postgres:18"
            level: L6
            checks:
              - { id: APP-1, sql: "select count(*) from orders", expect: "> 0", meaning: "orders are missing" }
      """;

  private static final Map<String, String> ENVIRONMENT =
      Map.of("S3_ACCESS_KEY", "AKIA", "SHOP_PASSWORD", "a: b # {c}");

  @TempDir Path folder;

  @Test
  void everyKeyOfTheContractIsUnderstood() {
    var settings = read(WHOLE).settings();

    assertThat(settings.keys().service()).isEqualTo(folder.resolve("service.key"));
    assertThat(settings.keys().recovery()).contains(folder.resolve("recovery-kit.txt"));
    var s3 = (StoreConfig.S3) settings.repositories().get("primary").store();
    assertThat(s3.accessKey().orElseThrow().reveal()).isEqualTo("AKIA");
    assertThat(s3.secretKey().orElseThrow().reveal()).isEqualTo("s3cr3t");
    assertThat(s3.pathStyle()).isTrue();
    var postgres = (SourceConfig.Postgres) settings.sources().get("shop");
    assertThat(postgres.password().orElseThrow().reveal()).isEqualTo("a: b # {c}");
    var files = (SourceConfig.Files) settings.sources().get("artifacts");
    assertThat(files.paths()).containsExactly(Path.of("/srv/artifacts"), folder.resolve("more"));
    var plan = settings.plans().get("shop-nightly");
    assertThat(plan.schedule().orElseThrow().zone()).contains(ZoneId.of("Europe/Berlin"));
    assertThat(plan.objectives().orElseThrow().rto()).contains(Duration.ofMinutes(30));
    assertThat(plan.drill().orElseThrow().checks()).hasSize(1);
  }

  @Test
  void anObjectLockHasAModeAndATime() {
    var locked =
        WHOLE.replace(
            "prefix: prod,", "prefix: prod, objectLock: { mode: COMPLIANCE, retain: P30D },");
    var s3 = (StoreConfig.S3) read(locked).settings().repositories().get("primary").store();

    assertThat(s3.objectLock())
        .contains(
            new StoreConfig.ObjectLock(
                StoreConfig.ObjectLock.Mode.COMPLIANCE, Duration.ofDays(30)));
    var without = (StoreConfig.S3) read(WHOLE).settings().repositories().get("primary").store();
    assertThat(without.objectLock()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mode: COMPLIANCE, retain: PT5M   | objectLock.retain | P30D",
        "mode: COMPLIANCE, retain: P40000D | objectLock.retain | P30D",
        "mode: COMPLIANCE, retain: 30     | objectLock.retain | P",
        "mode: COMPLIANZ, retain: P30D    | objectLock.mode   | COMPLIANCE",
        "mode: GOVERNANCE                 | objectLock.retain | retain",
        "mode: GOVERNANCE, retian: P30D   | objectLock.retian | retain"
      })
  void anObjectLockThatCannotBeMeantIsRefused(String lock, String field, String hint) {
    var error =
        refused(
            WHOLE.replace("prefix: prod,", "prefix: prod, objectLock: { " + lock + " },"),
            ENVIRONMENT);

    assertThat(error).hasMessageContaining("repositories.primary.store." + field);
    assertThat(error.hint()).contains(hint);
  }

  @Test
  void aRepositoryIsPrunedAndVerifiedByScheduleAndPlansAndRulesHaveTags() {
    var text =
        WHOLE
            .replace(
                "{ type: folder, path: backup }",
                "{ type: folder, path: backup }\n"
                    + "    prune: { grace: P7D, schedule: { cron: \"0 5 * * *\" } }\n"
                    + "    verify: { level: L2, window: P30D, schedule: { cron: \"0 6 * * *\" } }")
            .replace("daily: 14 }", "daily: 14, keepTags: [\"release-*\"] }\n    tags: [a, b]");
    var settings = read(text).settings();

    var local = settings.repositories().get("local");
    assertThat(local.pruning().schedule().orElseThrow().cron()).isEqualTo("0 5 * * *");
    assertThat(local.verifying().window()).contains(Duration.ofDays(30));
    var plan = settings.plans().get("shop-nightly");
    assertThat(plan.tags()).containsExactly("a", "b");
    assertThat(plan.retention().orElseThrow().keepTags()).containsExactly("release-*");
    var without = read(WHOLE).settings();
    assertThat(without.plans().get("shop-nightly").tags()).isEmpty();
    assertThat(without.repositories().get("local").verifying().depth()).isEqualTo("L1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prune: { schedule: { cron: \"x\" } } | prune.schedule.cron | minute",
        "prune: { shedule: { cron: \"0 5 * * *\" } } | prune.shedule | schedule",
        "verify: { level: L3 } | verify.level | L2",
        "verify: { schedule: { cron: \"0 5 31 2 *\" } } | verify.schedule.cron | day",
        "verify: { window: PT0S } | verify.window | positive",
        "verify: { subset: 2/3 } | verify.subset | 1/20",
        "verify: { subset: 101% } | verify.subset | 1/20",
        "verify: { subset: 1/2, window: P1D } | verify | one of them",
        "verify: { level: L0, window: P1D } | verify.level | leave window"
      })
  void workOnARepositoryThatCannotBeMeantIsRefused(String keys, String field, String hint) {
    var error =
        refused(
            WHOLE.replace(
                "{ type: folder, path: backup }", "{ type: folder, path: backup }\n    " + keys),
            ENVIRONMENT);

    assertThat(error).hasMessageContaining("repositories.local." + field);
    assertThat(error.hint()).contains(hint);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ last: 7, keepTags: [\"a b\"] } | retention.keepTags.0 | release-*",
        "{ keepTags: [\"gold\"] } | retention.keepTags | last: 7",
        "{} | retention | last: 7",
        "{ last: 1.5 } | retention.last | Correct",
        "{ last: 7 }\\n    tags: [\"\"] | tags | release-4.2"
      })
  void tagsThatCannotBeMeantAreRefused(String retention, String field, String hint) {
    var error =
        refused(
            WHOLE.replace("{ last: 7, daily: 14 }", retention.replace("\\n", "\n")), ENVIRONMENT);

    assertThat(error).hasMessageContaining("plans.shop-nightly." + field);
    assertThat(error.hint()).contains(hint);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT-1S", "20 seconds"})
  void aBudgetThatIsNoTimeIsRefused(String budget) {
    var error =
        refused(
            WHOLE.replace(
                "password: \"${SHOP_PASSWORD}\"",
                "password: \"${SHOP_PASSWORD}\", truth: { budget: " + budget + " }"),
            ENVIRONMENT);

    assertThat(error).hasMessageContaining("sources.shop.truth.budget");
  }

  @ParameterizedTest
  @ValueSource(strings = {"50", "50MB", "0MiB", "31KiB", "2GiB", "1.5MiB", "9999999GiB", "fast"})
  void aRateThatNoServerSendsAtIsRefused(String rate) {
    var error =
        refused(
            WHOLE.replace(
                "password: \"${SHOP_PASSWORD}\"",
                "password: \"${SHOP_PASSWORD}\", maxRate: " + rate),
            ENVIRONMENT);

    assertThat(error).hasMessageContaining("sources.shop.maxRate");
    assertThat(error.hint()).contains("50MiB");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mode: logical, maxRate: 50MiB           | maxRate         | mode: physical",
        "mode: logical, canary: false            | canary          | mode: physical",
        "mode: logical, dump: { jobs: 0 }        | dump.jobs       | 1 to 32",
        "mode: logical, dump: { lockTimeout: PT0S } | dump.lockTimeout | positive",
        "mode: logical, dump: { databases: [a, b, a] } | dump.databases.2 | once",
        "dump: { jobs: 2 }                       | dump            | mode: logical"
      })
  void whatBelongsToTheOtherWayOfReadingIsRefused(String keys, String field, String hint) {
    var error =
        refused(
            WHOLE
                .replace("mode: physical, ", "")
                .replace(
                    "password: \"${SHOP_PASSWORD}\"", "password: \"${SHOP_PASSWORD}\", " + keys),
            ENVIRONMENT);

    assertThat(error).hasMessageContaining("sources.shop." + field);
    assertThat(error.hint()).contains(hint);
  }

  @Test
  void aPlanMayStreamWalAndSaysHowMuchMayWait() {
    PlanConfig.Wal plain = wal("wal: {}");
    assertThat(plain.slotOf("shop-nightly")).isEqualTo("lifeboat_shop_nightly");
    assertThat(plain.flushInterval()).isEqualTo(Duration.ofSeconds(10));
    assertThat(plain.spoolBytes()).isEqualTo(1L << 30);
    PlanConfig.Wal said = wal("wal: { slot: shop, acknowledge: local, flush: PT2S, spool: 4GiB }");
    assertThat(said.slotOf("shop-nightly")).isEqualTo("shop");
    assertThat(said.acknowledge()).contains(PlanConfig.Wal.Acknowledge.local);
    assertThat(said.flushInterval()).isEqualTo(Duration.ofSeconds(2));
    assertThat(said.spoolBytes()).isEqualTo(4L << 30);
  }

  @Test
  void aPlanMayBeHandedWalOverASocket() {
    assertThat(wal("wal: { transport: push }").isPushed()).isTrue();
    assertThat(wal("wal: { transport: stream }").isPushed()).isFalse();
    assertThat(wal("wal: {}").isPushed()).isFalse();
    Settings.WalPush usual = read(WHOLE).settings().walPush();
    assertThat(usual.socket()).endsWithRaw(Path.of("push/socket")).isAbsolute();
    assertThat(usual.group()).isEmpty();
    Settings.WalPush said =
        read(WHOLE + "walPush: { socket: /run/lifeboat/wal.sock, group: postgres }\n")
            .settings()
            .walPush();
    assertThat(said.socket()).isEqualTo(Path.of("/run/lifeboat/wal.sock"));
    assertThat(said.group()).contains("postgres");
  }

  @Test
  void aSocketsPathMustFitIntoAnAddress() {
    String longOne = "/" + "x".repeat(106);
    var error =
        refused(
            withWal("wal: { transport: push }") + "walPush: { socket: " + longOne + " }\n",
            ENVIRONMENT);
    assertThat(error).hasMessageContaining("walPush.socket").hasMessageContaining("107 bytes");
    assertThat(read(withWal("wal: {}") + "walPush: { socket: " + longOne + " }\n")).isNotNull();
  }

  private PlanConfig.Wal wal(String line) {
    var settings = read(withWal(line)).settings();
    return settings.plans().get("shop-nightly").wal().orElseThrow();
  }

  private static String withWal(String line) {
    return WHOLE.replace(
        "    repository: primary\n", "    repository: primary\n    " + line + "\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "slot: Shop           | wal.slot        | small letters",
        "acknowledge: never   | wal.acknowledge | repository",
        "flush: PT0.01S       | wal.flush       | PT10S",
        "spool: 4GB           | wal.spool       | 4GiB",
        "spool: 63MiB         | wal.spool       | 4GiB",
        "flsuh: PT10S         | wal.flsuh       | flush",
        "transport: pull      | wal.transport   | push",
        "transport: push, slot: x | wal.slot    | drop the slot",
        "transport: push, flush: PT10S | wal.flush | archive_timeout"
      })
  void walThatCannotBeStreamedLikeThatIsRefused(String key, String field, String hint) {
    var error = refused(withWal("wal: { " + key + " }"), ENVIRONMENT);

    assertThat(error).hasMessageContaining("plans.shop-nightly." + field);
    assertThat(error.hint()).contains(hint);
  }

  @Test
  void aServerIsStreamedFromOnceAndFilesHaveNoWal() {
    String second = "  shop-weekly: { source: shop, repository: local, wal: {} }\n";
    String files = "  files: { source: artifacts, repository: local, wal: {} }\n";
    var error = refused(withWal("wal: {}") + second + files, ENVIRONMENT);

    assertThat(error).hasMessageContaining("plan 'shop-nightly' has the write-ahead log");
    assertThat(error).hasMessageContaining("files have no write-ahead log");
  }

  @Test
  void anEmptyFileIsAServiceWithoutPlans() {
    var settings = read("").settings();

    assertThat(settings.plans()).isEmpty();
    assertThat(settings.database().url())
        .isEqualTo("jdbc:h2:file:" + folder.resolve("var/lifeboat"));
    assertThat(settings.keys().service()).isEqualTo(folder.resolve("service.key"));
    assertThat(settings.operations().parallel()).isEqualTo(2);
  }

  @Test
  void aSecretNeverAppearsInTheTextOfTheSettings() {
    assertThat(read(WHOLE).settings().toString())
        .doesNotContain("s3cr3t")
        .doesNotContain("a: b")
        .contains("********");
  }

  @Test
  void aVariableThatIsNotSetIsNamedWithItsLine() {
    var error = refused(WHOLE, Map.of("S3_ACCESS_KEY", "AKIA"));

    assertThat(error)
        .hasMessageContaining("config.yml line 10, sources.shop.password")
        .hasMessageContaining("SHOP_PASSWORD");
    assertThat(error.hint()).contains("${SHOP_PASSWORD:-default}");
  }

  @Test
  void aDoubledDollarKeepsAReferenceAsItStands() {
    var text = WHOLE.replace("${SHOP_PASSWORD}", "$${SHOP_PASSWORD}");
    var postgres = (SourceConfig.Postgres) read(text).settings().sources().get("shop");

    assertThat(postgres.password().orElseThrow().reveal()).isEqualTo("${SHOP_PASSWORD}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "plans:                | plan:                 | line 12, plan: unknown key                "
            + "     | Did you mean 'plans'",
        "source: shop          | sourc: shop           | plans.shop-nightly.sourc: unknown key     "
            + "     | Did you mean 'source'",
        "pathStyle: true       | pathStile: true       | primary.store.pathStile: unknown key      "
            + "     | Did you mean 'pathStyle'",
        "expect: \"> 0\"       | expct: \"> 0\"        | checks.0.expct: unknown key               "
            + "     | Did you mean 'expect'",
        "type: postgres        | type: postgress       | sources.shop.type: 'postgress' is not a"
            + " known  | Did you mean 'postgres'",
        "type: postgres,       |                       | sources.shop: 'type' is missing           "
            + "     | ",
        "source: shop          | source: shopp         | there is no source 'shopp'                "
            + "     | Did you mean 'shop'",
        "repository: primary   | repository: none      | there is no repository 'none'             "
            + "     | Known here: local, primary",
        "repository: primary   |                       | plans.shop-nightly.repository: a value is"
            + " missing | Add 'repository'",
        "0 2 * * *             | 0 25 * * *            | schedule.cron: '25' is not a hour         "
            + "     | a number from 0 to 23",
        "0 4 * * 0             | 0 4 * *               | drill.schedule.cron: '0 4 * *' has 4"
            + " fields    | minute, hour",
        "Europe/Berlin         | Europe/Berln          | schedule.zone: 'Europe/Berln' is not a"
            + " time zone | IANA",
        "PT30M                 | 30 minutes            | objectives.rto: '30 minutes' is not a"
            + " duration | PT5M",
        "RUN_ONCE              | RUN_ALL               | misfire: 'RUN_ALL' is not one of          "
            + "     | SKIP",
        "expect: \"> 0\"       | expect: many          | checks.0.expect: The expectation | ",
        "level: L6             | level: L9             | drill.level: 'L9' is not a proof level    "
            + "     | L0 to L7",
        "level: L6             | select: any           | drill.select: 'any' is not one of         "
            + "     | unproven",
        "level: L6             | within: P30D          | drill.within: the newest snapshot is the  "
            + "     | select: random",
        "shop-nightly:         | Shop_Nightly:         | 'Shop_Nightly' is not a name              "
            + "     | small letters",
        "last: 7               | last: many            | retention.last: 'many' is not a whole"
            + " number   | ",
        "last: 7               | last: 0               | retention.last: it must be more than"
            + " nothing   | ",
        "lifeboat@db           | lifeboat:pw@db        | sources.shop.url: the address contains a"
            + " password | under 'password'",
        "/srv/artifacts, more  | /srv/more, more       | two paths end in 'more'                   "
            + "     | two sources",
        "source: shop          | source: [shop]        | plans.shop-nightly.source: the value is"
            + " not a text | ",
      })
  void aMistakeIsNamedWithItsFieldAndItsCure(String right, String wrong, String fact, String hint) {
    assertThat(WHOLE).contains(right);
    var error = refused(WHOLE.replace(right, wrong == null ? "" : wrong), ENVIRONMENT);

    assertThat(error.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
    assertThat(error).hasMessageContaining(fact).hasMessageContaining("config.yml line ");
    assertThat(error.hint()).contains(hint == null ? "" : hint).isNotBlank();
  }

  @Test
  void severalMistakesBetweenValuesAreToldAtOnce() {
    var error =
        refused(
            WHOLE
                .replace("source: shop", "source: a")
                .replace("repository: primary", "repository: b"),
            ENVIRONMENT);

    assertThat(error)
        .hasMessageContaining("2 values")
        .hasMessageContaining("source 'a'")
        .hasMessageContaining("repository 'b'");
  }

  @Test
  void aHistoryInAnotherDatabaseIsRefusedAsLongAsItIsNotSupported() {
    var error = refused("database: { url: 'jdbc:postgresql://db/lifeboat' }", ENVIRONMENT);

    assertThat(error).hasMessageContaining("line 1, database.url");
    assertThat(error.hint()).contains("jdbc:h2:file");
  }

  @Test
  void aKeyWrittenTwiceIsRefused() {
    assertThat(refused(WHOLE + "plans: {}\n", ENVIRONMENT))
        .hasMessageContaining("Duplicate field 'plans'");
  }

  @Test
  void brokenYamlIsToldWithItsLine() {
    assertThat(refused("keys: {\nsources: [", ENVIRONMENT)).hasMessageContaining("config.yml line");
  }

  @Test
  void aMissingFileIsNamed() {
    var error =
        catchThrowableOfType(
            PermanentException.class,
            () -> ConfigurationFile.read(folder.resolve("none.yml"), Map.of()));

    assertThat(error).hasMessageContaining("none.yml");
    assertThat(error.hint()).contains("--config");
  }

  private ConfigurationFile read(String text) {
    return read(text, ENVIRONMENT);
  }

  private ConfigurationFile read(String text, Map<String, String> environment) {
    try {
      return ConfigurationFile.read(
          Files.writeString(folder.resolve("config.yml"), text), environment);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private PermanentException refused(String text, Map<String, String> environment) {
    var error = catchThrowableOfType(PermanentException.class, () -> read(text, environment));
    assertThat(error).as("refusal of the configuration").isNotNull();
    return error;
  }
}
