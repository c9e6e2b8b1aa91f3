package io.lifeboat.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.config.Secret;
import io.lifeboat.config.StoreConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class S3SettingsTest {
  @Test
  void theConfigurationIsTakenOver() {
    S3Settings settings =
        S3Settings.of(config("http://127.0.0.1:9000", "lifeboat", "prod", "a", "s"));

    assertThat(settings.endpoint()).hasValue(URI.create("http://127.0.0.1:9000"));
    assertThat(settings.region()).isEqualTo("us-east-1");
    assertThat(settings.bucket()).isEqualTo("lifeboat");
    assertThat(settings.prefix()).isEqualTo("prod");
    assertThat(settings.pathStyle()).isTrue();
    assertThat(settings.credentials())
        .hasValueSatisfying(pair -> assertThat(pair.secretKey().reveal()).isEqualTo("s"));
  }

  @Test
  void withoutKeysTheDefaultChainServes() {
    assertThat(S3Settings.of(config("https://s3.example", "b-1", "", "", "")).credentials())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"a, '', secretKey", "'', s, accessKey"})
  void oneKeyWithoutTheOtherIsRefused(String accessKey, String secretKey, String missing) {
    assertInvalid("https://s3.example", "bucket", "", accessKey, secretKey, "store." + missing);
  }

  @ParameterizedTest
  @ValueSource(strings = {"host:9000", "ftp://host", "http:///bucket", "localhost"})
  void anEndpointIsAnAddressOfHttp(String endpoint) {
    assertInvalid(endpoint, "bucket", "", "", "", "store.endpoint");
  }

  @Test
  void anEndpointHasNoKeysInIt() {
    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(() -> S3Settings.of(config("http://key:s3cret@host", "bucket", "", "", "")))
        .withMessageContaining("store.endpoint")
        .satisfies(refusal -> assertThat(refusal + refusal.hint()).doesNotContain("s3cret"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "s3://bucket", "a/b", "x", "-bucket", "a bucket"})
  void aBucketIsAName(String bucket) {
    assertInvalid("http://host", bucket, "", "", "", "store.bucket");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/prod", "prod/", "a//b", "../x", "a b"})
  void aPrefixHasNoSlashesAtItsEnds(String prefix) {
    assertInvalid("http://host", "bucket", prefix, "", "", "store.prefix");
  }

  private static void assertInvalid(
      String endpoint,
      String bucket,
      String prefix,
      String accessKey,
      String secretKey,
      String field) {
    assertThatExceptionOfType(PermanentException.class)
        .isThrownBy(() -> S3Settings.of(config(endpoint, bucket, prefix, accessKey, secretKey)))
        .withMessageContaining(field)
        .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
  }

  private static StoreConfig.S3 config(
      String endpoint, String bucket, String prefix, String accessKey, String secretKey) {
    return new StoreConfig.S3(
        Optional.of(URI.create(endpoint)),
        Optional.empty(),
        bucket,
        Optional.of(prefix),
        true,
        secret(accessKey),
        secret(secretKey),
        Optional.empty());
  }

  private static Optional<Secret> secret(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(new Secret(text));
  }
}
