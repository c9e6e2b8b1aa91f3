package io.lifeboat.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.store.Body;
import io.lifeboat.store.PutOutcome;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;

class LoopbackAuthSchemeTest {
  private static final byte[] BODY = "a pack".getBytes(StandardCharsets.US_ASCII);

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:9000, true",
    "http://127.8.9.10, true",
    "http://localhost:9000, true",
    "http://[::1]:9000, true",
    "https://127.0.0.1:9000, false",
    "http://localhost.example:9000, false",
    "http://127.0.0.1.example:9000, false",
    "http://10.127.0.0.1.example:9000, false",
    "http://192.168.0.1:9000, false",
    "http://0.0.0.0:9000, false"
  })
  void onlyPlainHttpToThisHostIsLoopback(URI endpoint, boolean loopback) {
    assertThat(LoopbackAuthScheme.serves(endpoint)).isEqualTo(loopback);
  }

  @Test
  void bodiesToThisHostAreNotSigned() throws Exception {
    assertThat(contentHashes("127.0.0.1")).containsOnly("UNSIGNED-PAYLOAD");
  }

  /** On Linux 0.0.0.0 leads to this host too, which the scheme does not count on. */
  @Test
  void bodiesToAnywhereElseAreSigned() throws Exception {
    assertThat(contentHashes("0.0.0.0"))
        .isNotEmpty()
        .allMatch(hash -> hash.matches("[0-9a-f]{64}"));
  }

  private static List<String> contentHashes(String host) throws Exception {
    try (EmbeddedS3 server = EmbeddedS3.inMemory().createBucket("bucket")) {
      S3Settings here = server.settings("bucket", "");
      URI endpoint = URI.create("http://" + host + ":" + server.endpoint().getPort());
      var settings =
          new S3Settings(
              Optional.of(endpoint), here.region(), "bucket", "", true, here.credentials());
      var recorder = new Recorder(Apache5HttpClient.create());
      var client =
          S3Connection.builder(settings).httpClientBuilder(null).httpClient(recorder).build();
      try (var store = new S3Store(settings, client, pause -> {})) {
        assertThat(store.putIfAbsent("pack", new Body.Bytes(BODY))).isEqualTo(PutOutcome.CREATED);
        assertThat(store.get("pack", 100 << 20)).isEqualTo(BODY);
      }
      return recorder.hashes;
    }
  }

  /** Notes what each put says of its body. */
  private record Recorder(SdkHttpClient client, List<String> hashes) implements SdkHttpClient {
    Recorder(SdkHttpClient client) {
      this(client, new ArrayList<>());
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
      if (request.httpRequest().method() == SdkHttpMethod.PUT) {
        hashes.add(
            request.httpRequest().firstMatchingHeader("x-amz-content-sha256").orElse("nothing"));
      }
      return client.prepareRequest(request);
    }

    @Override
    public void close() {
      client.close();
    }
  }
}
