package io.lifeboat.telemetry;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Serial;

/** Answers a scrape in Prometheus' text format. */
public final class MetricsServlet extends HttpServlet {
  @Serial private static final long serialVersionUID = 1;

  private final transient PrometheusRegistry registry;

  /** Shows what is in a registry. */
  public MetricsServlet(PrometheusRegistry registry) {
    this.registry = registry;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setContentType(PrometheusTextFormatWriter.CONTENT_TYPE);
    response.setHeader("Cache-Control", "no-store");
    PrometheusTextFormatWriter.create()
        .write(response.getOutputStream(), registry.scrape(), EscapingScheme.DEFAULT);
  }
}
