package io.lifeboat.store.s3;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * Sends requests to a real server, unless a disturbance is queued for the next one. For one thread.
 */
final class DisturbedHttpClient implements SdkHttpClient {
  /** What happens to one request. */
  sealed interface Disturbance {
    /** The request never arrives. */
    record LoseRequest() implements Disturbance {}

    /** The request is carried out, but its answer never arrives. */
    record LoseAnswer() implements Disturbance {}

    /** The answer's body breaks off. */
    record CutAnswer(int keptBytes) implements Disturbance {}

    /** Something on the way answers instead. */
    record Answer(int status, String code, String... headers) implements Disturbance {}
  }

  private final SdkHttpClient client;
  private final Queue<Disturbance> disturbances = new ArrayDeque<>();
  private final List<String> methods = new ArrayList<>();

  DisturbedHttpClient(SdkHttpClient client) {
    this.client = client;
  }

  void queue(Disturbance... next) {
    disturbances.addAll(Arrays.asList(next));
  }

  /** The methods of all requests so far. */
  List<String> methods() {
    return methods;
  }

  boolean isUndisturbed() {
    return disturbances.isEmpty();
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    methods.add(request.httpRequest().method().name());
    return switch (disturbances.poll()) {
      case null -> client.prepareRequest(request);
      case Disturbance.LoseRequest lost -> call(() -> fail("Connection reset"));
      case Disturbance.LoseAnswer lost ->
          call(() -> {
            HttpExecuteResponse answer = client.prepareRequest(request).call();
            answer.responseBody().ifPresent(AbortableInputStream::abort);
            return fail("Read timed out after " + answer.httpResponse().statusCode());
          });
      case Disturbance.CutAnswer cut ->
          call(() -> cut(client.prepareRequest(request).call(), cut.keptBytes()));
      case Disturbance.Answer answer -> call(() -> answer(answer));
    };
  }

  private static HttpExecuteResponse fail(String reason) throws IOException {
    throw new IOException(reason);
  }

  private static HttpExecuteResponse cut(HttpExecuteResponse answer, int keptBytes)
      throws IOException {
    try (var body = answer.responseBody().orElseThrow()) {
      var kept = new ByteArrayInputStream(body.readNBytes(keptBytes));
      return HttpExecuteResponse.builder()
          .response(answer.httpResponse())
          .responseBody(AbortableInputStream.create(kept))
          .build();
    }
  }

  private static HttpExecuteResponse answer(Disturbance.Answer answer) {
    String xml = "<Error><Code>" + answer.code() + "</Code><Message>Injected</Message></Error>";
    var response = SdkHttpResponse.builder().statusCode(answer.status());
    for (int i = 0; i < answer.headers().length; i += 2) {
      response.putHeader(answer.headers()[i], answer.headers()[i + 1]);
    }
    byte[] body = xml.getBytes(StandardCharsets.UTF_8);
    return HttpExecuteResponse.builder()
        .response(response.putHeader("Content-Length", String.valueOf(body.length)).build())
        .responseBody(AbortableInputStream.create(new ByteArrayInputStream(body)))
        .build();
  }

  private interface Call {
    HttpExecuteResponse run() throws IOException;
  }

  private static ExecutableHttpRequest call(Call call) {
    return new ExecutableHttpRequest() {
      @Override
      public HttpExecuteResponse call() throws IOException {
        return call.run();
      }

      @Override
      public void abort() {}
    };
  }

  @Override
  public void close() {
    client.close();
  }
}
