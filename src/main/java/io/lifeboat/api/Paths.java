package io.lifeboat.api;

import jakarta.ws.rs.core.UriInfo;

/** The API's paths as they appear in answers. */
final class Paths {
  private Paths() {}

  /** The path of a request, from the root on, without its query. */
  static String of(UriInfo request) {
    return request.getRequestUri().getRawPath();
  }

  static String operation(String id) {
    return "/v1/operations/" + id;
  }

  static String evidence(String drill) {
    return "/v1/drills/" + drill + "/evidence";
  }
}
