package io.lifeboat.store.s3;

import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.scheme.AwsV4AuthScheme;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.AsyncSignRequest;
import software.amazon.awssdk.http.auth.spi.signer.AsyncSignedRequest;
import software.amazon.awssdk.http.auth.spi.signer.SignRequest;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;
import software.amazon.awssdk.identity.spi.IdentityProviders;

/**
 * Signs requests to a server on this host as the SDK does over TLS: headers, but not bodies. A
 * signed body protects from whoever sits on the wire, and there is none; without it client and
 * server hash each pack once less. What arrived is still compared with its name by {@code verify}.
 */
final class LoopbackAuthScheme implements AwsV4AuthScheme {
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[?::1\\]?");

  private final AwsV4HttpSigner signer = new HeaderSigner(AwsV4HttpSigner.create());

  /** Whether requests to this endpoint never leave the host. */
  static boolean serves(URI endpoint) {
    return "http".equals(endpoint.getScheme())
        && LOOPBACK.matcher(String.valueOf(endpoint.getHost())).matches();
  }

  @Override
  public String schemeId() {
    return SCHEME_ID;
  }

  @Override
  public IdentityProvider<AwsCredentialsIdentity> identityProvider(IdentityProviders providers) {
    return providers.identityProvider(AwsCredentialsIdentity.class);
  }

  @Override
  public AwsV4HttpSigner signer() {
    return signer;
  }

  /** The SDK signs bodies wherever it sees plain HTTP, so it is shown HTTPS while it signs. */
  private record HeaderSigner(AwsV4HttpSigner signer) implements AwsV4HttpSigner {
    @Override
    public SignedRequest sign(SignRequest<? extends AwsCredentialsIdentity> request) {
      SignedRequest signed =
          signer.sign(over("https", request).putProperty(PAYLOAD_SIGNING_ENABLED, false).build());
      return signed.toBuilder().request(protocol("http", signed.request())).build();
    }

    private static <I extends AwsCredentialsIdentity> SignRequest.Builder<I> over(
        String protocol, SignRequest<I> request) {
      return request.toBuilder().request(protocol(protocol, request.request()));
    }

    private static SdkHttpRequest protocol(String protocol, SdkHttpRequest request) {
      return request.toBuilder().protocol(protocol).build();
    }

    @Override
    public CompletableFuture<AsyncSignedRequest> signAsync(
        AsyncSignRequest<? extends AwsCredentialsIdentity> request) {
      return signer.signAsync(request);
    }
  }
}
