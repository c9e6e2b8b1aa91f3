package io.lifeboat.api;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.Context;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads what an answer left unread of its request's body. An error is often answered before the
 * body has come (a wrong token, no such path); the web server then ends the connection without a
 * word, and the client that sends its next request over it gets no answer. A body too long to be
 * read for nothing ends the connection too, but the answer says so.
 */
final class UnreadBody implements ContainerResponseFilter {
  private static final int READ_AT_MOST = 64 << 10;

  @Context private @Nullable HttpServletRequest servlet;

  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response) {
    if (!readToEnd(Objects.requireNonNull(servlet, "set by Jersey"))) {
      response.getHeaders().putSingle("Connection", "close");
    }
  }

  private static boolean readToEnd(HttpServletRequest request) {
    try {
      return request.getInputStream().readNBytes(READ_AT_MOST).length < READ_AT_MOST;
    } catch (IOException e) {
      return false;
    }
  }
}
