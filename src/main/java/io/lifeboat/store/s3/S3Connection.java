package io.lifeboat.store.s3;

import java.time.Duration;
import javax.net.ssl.TrustManager;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** The SDK's client, with the settings that AWS, Ceph 16 and S3Proxy all understand. */
final class S3Connection {
  private static final int MOST_CONNECTIONS = 64;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  // A server may take its time to make 128 MiB durable before it answers.
  private static final Duration SILENCE_TIMEOUT = Duration.ofSeconds(60);
  // More threads than connections wait for their turn; that is no failure.
  private static final Duration TURN_TIMEOUT = Duration.ofMinutes(15);

  private S3Connection() {}

  static S3Client open(S3Settings settings) {
    return builder(settings).build();
  }

  static S3ClientBuilder builder(S3Settings settings) {
    S3ClientBuilder builder =
        S3Client.builder()
            .region(Region.of(settings.region()))
            .forcePathStyle(settings.pathStyle())
            .credentialsProvider(credentials(settings))
            // Checksums as trailers and chunked bodies are refused by Ceph 16; the signature (or
            // TLS)
            // covers the body instead.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false))
            .overrideConfiguration(all -> all.retryStrategy(AwsRetryStrategy.doNotRetry()))
            .httpClientBuilder(http(settings));
    settings.endpoint().ifPresent(builder::endpointOverride);
    if (settings.endpoint().filter(LoopbackAuthScheme::serves).isPresent()) {
      builder.putAuthScheme(new LoopbackAuthScheme());
    }
    return builder;
  }

  private static Apache5HttpClient.Builder http(S3Settings settings) {
    Apache5HttpClient.Builder http =
        Apache5HttpClient.builder()
            .maxConnections(MOST_CONNECTIONS)
            .connectionTimeout(CONNECT_TIMEOUT)
            .socketTimeout(SILENCE_TIMEOUT)
            .connectionAcquisitionTimeout(TURN_TIMEOUT)
            .tcpKeepAlive(true);
    boolean plain =
        settings.endpoint().filter(endpoint -> "http".equals(endpoint.getScheme())).isPresent();
    if (plain) {
      // Reading the certificates of all authorities costs a command more than a request, and
      // without TLS they are good for nothing: none is trusted then.
      http.tlsTrustManagersProvider(() -> new TrustManager[0]);
    }
    return http;
  }

  private static AwsCredentialsProvider credentials(S3Settings settings) {
    return settings
        .credentials()
        .<AwsCredentialsProvider>map(pair ->
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(pair.accessKey().reveal(), pair.secretKey().reveal())))
        .orElseGet(() -> DefaultCredentialsProvider.builder().build());
  }
}
