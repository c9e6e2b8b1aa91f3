package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.error.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code policy} prints; whether it suffices and protects is BucketPolicyTest's question. */
class PolicyTest {
  private static final String CONFIGURATION =
      """
      repositories:
        primary: { store: { type: s3, bucket: vault, prefix: prod,
                            objectLock: { mode: COMPLIANCE, retain: P30D } } }
        second: { store: { type: s3, bucket: other } }
        local: { store: { type: folder, path: store } }
      """;

  @TempDir Path folder;

  @BeforeEach
  void configure() throws Exception {
    Files.writeString(folder.resolve("config.yml"), CONFIGURATION);
  }

  @Test
  void standardOutputIsThePolicyAndNothingElse() throws Exception {
    var ended = policy("--role", "writer", "--repository", "primary");

    JsonNode policy = new ObjectMapper().readTree(ended.out());
    assertThat(policy.path("Version").asText()).isEqualTo("2012-10-17");
    assertThat(policy.path("Statement"))
        .allSatisfy(statement -> {
          assertThat(statement.at("/Principal/AWS").asText())
              .contains("ACCOUNT", "lifeboat-writer");
          assertThat(statement.path("Resource"))
              .allMatch(resource -> resource.asText().startsWith("arn:aws:s3:::vault"));
        });
    assertThat(ended.out()).contains("arn:aws:s3:::vault/prod/log/*", "remaining-retention-days");
    assertThat(ended.err()).startsWith("# ").contains("--principal");
  }

  @Test
  void aPrincipalTakesThePlaceholdersPlace() {
    String arn = "arn:aws:iam::111122223333:user/backup";
    var ended = policy("--role", "reader", "--repository", "second", "--principal", arn);

    assertThat(ended.out()).contains(arn, "arn:aws:s3:::other/*").doesNotContain("ACCOUNT");
    assertThat(ended.err()).isEmpty();
  }

  @Test
  void forCephTheConditionIsLeftOutAndTheConsequenceIsSaid() {
    for (String role : List.of("writer", "maintenance")) {
      var ended = policy("--role", role, "--repository", "primary", "--provider", "ceph");

      assertThat(ended.out()).doesNotContain("if-none-match", "remaining-retention-days");
      assertThat(ended.err()).contains("# Ceph", "can overwrite objects");
    }
  }

  @Test
  void aRepositoryThatCannotBeMeantIsRefused() throws Exception {
    var node = new Node(folder).configured(CONFIGURATION);

    node.refused("policy", "--role", "writer")
        .is(ErrorCode.USAGE_INVALID, "3 repositories")
        .hints("local, primary, second");
    node.refused("policy", "--role", "writer", "--repository", "local")
        .is(ErrorCode.USAGE_INVALID, "folder");
    node.refused("policy", "--role", "writer", "--repository", "non")
        .is(ErrorCode.USAGE_INVALID, "non");
    node.refused("policy", "--role", "owner").is(ErrorCode.USAGE_INVALID, "owner");
  }

  private InThisJvm.Ended policy(String... arguments) {
    var all = new ArrayList<>(List.of("policy", "--config", folder + "/config.yml"));
    all.addAll(List.of(arguments));
    var ended = InThisJvm.run(Map.of(), all.toArray(String[]::new));
    assertThat(ended.status()).as(ended.err()).isZero();
    return ended;
  }
}
