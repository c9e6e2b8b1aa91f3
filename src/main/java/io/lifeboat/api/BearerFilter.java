package io.lifeboat.api;

import io.lifeboat.access.AccessTokens;
import io.lifeboat.access.Caller;
import io.lifeboat.error.ErrorCode;
import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.SecurityContext;
import java.security.Principal;
import java.util.Optional;

/**
 * Lets nobody near a path of the API, not even to learn whether it exists, without a valid bearer
 * token.
 */
@PreMatching
@Priority(Priorities.AUTHENTICATION)
final class BearerFilter implements ContainerRequestFilter {
  private static final String SCHEME = "bearer ";

  private final AccessTokens tokens;

  BearerFilter(AccessTokens tokens) {
    this.tokens = tokens;
  }

  @Override
  public void filter(ContainerRequestContext request) {
    Optional<Caller> caller =
        Optional.ofNullable(request.getHeaderString(HttpHeaders.AUTHORIZATION))
            .filter(header -> header.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
            .flatMap(header -> tokens.authenticate(header.substring(SCHEME.length()).trim()));
    if (caller.isPresent()) {
      boolean secure = "https".equals(request.getUriInfo().getRequestUri().getScheme());
      request.setSecurityContext(new Authenticated(caller.get(), secure));
    } else {
      request.abortWith(
          Problem.of(
                  ErrorCode.UNAUTHENTICATED,
                  "This needs a valid bearer token",
                  "Send the header 'Authorization: Bearer TOKEN' with the token that the service"
                      + " printed at its first start.",
                  false,
                  Paths.of(request.getUriInfo()))
              .response());
    }
  }

  private record Authenticated(Caller caller, boolean secure) implements SecurityContext {
    @Override
    public Principal getUserPrincipal() {
      return caller;
    }

    @Override
    public boolean isUserInRole(String role) {
      return false;
    }

    @Override
    public boolean isSecure() {
      return secure;
    }

    @Override
    public String getAuthenticationScheme() {
      return "BEARER";
    }
  }
}
