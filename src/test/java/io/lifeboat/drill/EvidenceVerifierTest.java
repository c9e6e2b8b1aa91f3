package io.lifeboat.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.drill.scratch.ScratchFacts;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.fuzz.Fuzz;
import io.lifeboat.repository.EvidenceLink;
import io.lifeboat.repository.SnapshotInfo;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EvidenceVerifierTest {
  private static final SigningKey KEY = SigningKey.generate(new SecureRandom());
  private static final Instant DAY = Instant.parse("2026-01-31T02:00:00Z");

  private static String document() {
    var request =
        new DrillRequest(
            "dr-1",
            DAY.plusSeconds(900),
            "schedule",
            "shop-nightly",
            "a".repeat(64),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(ProofLevel.L6),
            List.of(),
            Optional.of(Duration.ofMinutes(5)),
            Optional.of(Duration.ofMinutes(30)),
            Optional.of(Duration.ofDays(7)));
    var info =
        new SnapshotInfo(
            "snap",
            "shop",
            "postgres",
            "shop-nightly",
            DAY,
            DAY.plusSeconds(60),
            10,
            5,
            2,
            Optional.empty(),
            List.of(),
            Optional.empty());
    var outcome =
        new DrillOutcome(
            Verdict.FAIL,
            Optional.of(ProofLevel.L4),
            Duration.ofMillis(1234),
            Optional.of(Duration.ofSeconds(7)),
            List.of(
                new ObjectiveResult(
                    "rto", Duration.ofMinutes(30), Optional.of(Duration.ofMillis(1234)), true)),
            Map.of("restore", Duration.ofMillis(1000)),
            List.of(
                new CheckResult(
                    "APP-1",
                    ProofLevel.L7,
                    Verdict.FAIL,
                    "orders are missing",
                    "found \ud800 \u0000 \"0\"\n")),
            Optional.of(
                new ScratchFacts(
                    "docker", "postgres 18.6", "postgres:18@sha256:1", "none", List.of())),
            List.of(),
            DAY.plusSeconds(960));
    return new EvidenceRecord(
            request, info, outcome, new EvidenceLink("7f3a", 1, EvidenceLink.NO_PREVIOUS))
        .toJson();
  }

  @Test
  void signedEvidenceIsValidWithItsKeyAndSaysWhatItShows() {
    var verification =
        EvidenceVerifier.verify(EvidenceRecord.sign(document(), KEY), List.of(KEY.verifyKey()));
    assertThat(verification.valid()).as(verification.reason()).isTrue();
    assertThat(verification.drill()).isEqualTo("dr-1");
    assertThat(verification.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(verification.level()).contains(ProofLevel.L4);
    assertThat(verification.keyId()).isEqualTo(KEY.verifyKey().id());
  }

  @Test
  void noChangedByteStaysUnnoticed() {
    byte[] signed = EvidenceRecord.sign(document(), KEY);
    for (int at = 0; at < signed.length; at++) {
      byte[] changed = signed.clone();
      changed[at] ^= 1;
      assertThat(EvidenceVerifier.verify(changed, List.of(KEY.verifyKey())).valid())
          .as("byte %d", at)
          .isFalse();
    }
  }

  @Test
  void whateverIsSignedIsReadOrRefused() throws Exception {
    Fuzz.of("evidence, signed", document().getBytes(StandardCharsets.UTF_8))
        .run(
            1500,
            bytes -> {
              String text = new String(bytes, StandardCharsets.UTF_8).replace('\n', ' ');
              byte[] signed =
                  SignedText.sign(EvidenceRecord.PURPOSE, text.isEmpty() ? " " : text, KEY);
              var verification = EvidenceVerifier.verify(signed, List.of(KEY.verifyKey()));
              if (!verification.valid()) {
                throw new PermanentException(
                    ErrorCode.EVIDENCE_INVALID, verification.reason(), "None.");
              }
            });
  }

  @Test
  void evidenceOfAnotherKeyOrWithoutAnyKeyIsNotValid() {
    byte[] signed = EvidenceRecord.sign(document(), KEY);
    SigningKey other = SigningKey.generate(new SecureRandom());
    assertThat(EvidenceVerifier.verify(signed, List.of(other.verifyKey())).valid()).isFalse();
    assertThat(EvidenceVerifier.verify(signed, List.of()).valid()).isFalse();
    assertThat(EvidenceVerifier.verify(signed, List.of()).drill()).isEqualTo("dr-1");
  }

  @Test
  void aSignatureForAnythingElseAndATextInAnotherFormDoNotCount() {
    byte[] entry = SignedText.sign("log-entry", document(), KEY);
    assertThat(EvidenceVerifier.verify(entry, List.of(KEY.verifyKey())).valid()).isFalse();
    for (String text :
        List.of(
            document().replace("\"actor\"", " \"actor\""),
            "{\"schema\":\"lifeboat.evidence.v2\",\"drill\":\"dr-1\",\"verdict\":\"PASS\"}",
            "{\"drill\":\"dr-1\",\"schema\":\"lifeboat.evidence.v3\",\"verdict\":\"PASS\"}",
            "[]",
            "not JSON")) {
      byte[] signed = SignedText.sign(EvidenceRecord.PURPOSE, text, KEY);
      assertThat(EvidenceVerifier.verify(signed, List.of(KEY.verifyKey())).valid())
          .as(text)
          .isFalse();
    }
    assertThat(
            EvidenceVerifier.verify("".getBytes(StandardCharsets.UTF_8), List.of(KEY.verifyKey()))
                .valid())
        .isFalse();
  }

  @Test
  void theTextIsOneLineWithItsKeysInOrder() {
    assertThat(document())
        .startsWith("{\"actor\":\"schedule\",\"backup\":{\"ageMillis\":840000,\"bytes\":10,")
        .doesNotContain("\n")
        .contains("\"validUntil\":\"2026-02-07T02:16:00Z\"")
        .endsWith("\"verdict\":\"FAIL\"}");
  }
}
