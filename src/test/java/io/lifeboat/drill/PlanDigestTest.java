package io.lifeboat.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.ConfigurationFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanDigestTest {
  private static final String CONFIGURATION =
      """
      repositories:
        one: { store: { type: folder, path: one } }
        two: { store: { type: folder, path: two } }
      sources:
        shop: { type: postgres, url: "postgresql://l@db:5432/shop", password: p }
        crm: { type: postgres, url: "postgresql://l@db:5432/crm", password: p }
      plans:
        nightly:
          source: shop
          repository: one
          schedule: { cron: "0 2 * * *" }
          retention: { last: 7 }
          wal: { slot: a_slot }
          tags: [nightly]
          objectives: { rpo: PT1H, rto: PT30M, provenWithin: P7D }
          drill:
            schedule: { cron: "0 4 * * 0" }
            scratch: docker
            image: "postgres:18"
            programs: /usr/lib/postgresql/18/bin
            select: random
            within: P30D
            level: L6
            checks:
              - { id: APP-1, sql: "select 1", expect: "= 1", meaning: "no one" }
      """;

  @TempDir Path folder;

  private String digest(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("config.yml"), yaml);
    return PlanDigest.of(ConfigurationFile.read(file, Map.of()).settings().plans().get("nightly"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "source: shop    | source: crm",
        "P7D             | P14D",
        "scratch: docker | scratch: process",
        "postgres:18     | postgres:18-bookworm",
        "level: L6       | level: L7",
        "select 1        | select 2",
        "= 1             | = 2",
        "no one          | not one",
        "id: APP-1       | id: APP-2",
      })
  void itIsAnotherOnceTheProofWouldBeAnother(String is, String becomes) throws IOException {
    assertThat(CONFIGURATION).contains(is);
    assertThat(digest(CONFIGURATION.replace(is, becomes))).isNotEqualTo(digest(CONFIGURATION));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "repository: one        | repository: two",
        "0 2 * * *              | 0 3 * * *",
        "0 4 * * 0              | 0 5 * * 0",
        "last: 7                | last: 8",
        "a_slot                 | b_slot",
        "[nightly]              | [daily]",
        "PT1H                   | PT2H",
        "PT30M                  | PT45M",
        "/usr/lib/postgresql/18 | /opt/postgresql/18",
        "select: random         | select: unproven",
        "P30D                   | P60D",
      })
  void itIsTheSameWhateverElseChanges(String is, String becomes) throws IOException {
    assertThat(CONFIGURATION).contains(is);
    assertThat(digest(CONFIGURATION.replace(is, becomes))).isEqualTo(digest(CONFIGURATION));
  }

  @Test
  void whatIsNotWrittenIsNoPartOfIt() throws IOException {
    String bare = CONFIGURATION.substring(0, CONFIGURATION.indexOf("    schedule:"));
    assertThat(digest(bare + "    drill: { schedule: { cron: \"0 4 * * 0\" } }\n"))
        .isEqualTo(digest(bare));
  }
}
