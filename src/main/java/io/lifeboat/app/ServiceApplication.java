package io.lifeboat.app;

import ch.qos.logback.classic.Level;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.dropwizard.configuration.ConfigurationFactory;
import io.dropwizard.configuration.ConfigurationSourceProvider;
import io.dropwizard.core.Application;
import io.dropwizard.core.cli.Cli;
import io.dropwizard.core.cli.ServerCommand;
import io.dropwizard.core.server.AbstractServerFactory;
import io.dropwizard.core.setup.Bootstrap;
import io.dropwizard.core.setup.Environment;
import io.dropwizard.lifecycle.Managed;
import io.lifeboat.api.Api;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.operation.OperationType;
import io.lifeboat.telemetry.Health;
import io.lifeboat.telemetry.Metrics;
import io.lifeboat.telemetry.MetricsServlet;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import net.sourceforge.argparse4j.inf.Namespace;
import org.eclipse.jetty.server.Server;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service: what {@code lifeboat server} runs. Everything starts before the first request is
 * taken, and stops after the last one: schedules first, then what runs, then its database.
 */
public class ServiceApplication extends Application<LifeboatConfiguration> {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceApplication.class);

  private final CapabilitiesFactory factory;
  private final Map<String, String> variables;
  private final Consumer<String> announcements;
  private Optional<Throwable> fatal = Optional.empty();

  /**
   * A service that is not started yet.
   *
   * @param variables that the configuration may name
   * @param announcements hears the lines that the operator must see: address, first token
   */
  public ServiceApplication(
      CapabilitiesFactory factory, Map<String, String> variables, Consumer<String> announcements) {
    this.factory = factory;
    this.variables = Map.copyOf(variables);
    this.announcements = announcements;
  }

  /**
   * Starts it; it stops when the JVM does.
   *
   * @return why it could not start, if it could not
   */
  Optional<Throwable> start(Path configuration) {
    try {
      run("server", configuration.toString());
    } catch (Exception e) {
      return Optional.of(e);
    }
    return fatal;
  }

  /** The framework's own command, which leaves it to the caller to tell of a failure. */
  @Override
  protected void addDefaultCommands(Bootstrap<LifeboatConfiguration> bootstrap) {
    bootstrap.addCommand(
        new ServerCommand<>(this) {
          @Override
          public void onError(Cli cli, Namespace namespace, Throwable problem) {
            // Cli answers with it, and start() with that.
          }
        });
  }

  @Override
  protected void onFatalError(Throwable problem) {
    fatal = Optional.of(problem);
  }

  @Override
  public String getName() {
    return "lifeboat";
  }

  @Override
  public void initialize(Bootstrap<LifeboatConfiguration> bootstrap) {
    bootstrap.setConfigurationFactoryFactory((type, validator, mapper, prefix) ->
        new ConfigurationFactory<>() {
          @Override
          public LifeboatConfiguration build(ConfigurationSourceProvider unused, String path) {
            return LifeboatConfiguration.read(Path.of(path), variables, mapper);
          }

          @Override
          public LifeboatConfiguration build() {
            return build(bootstrap.getConfigurationSourceProvider(), "config.yml");
          }
        });
  }

  @Override
  public void run(LifeboatConfiguration configuration, Environment environment) {
    // What it logs is answered as well, and told by whoever started this.
    if (LoggerFactory.getLogger(ServerCommand.class)
        instanceof ch.qos.logback.classic.Logger framework) {
      framework.setLevel(Level.OFF);
    }
    var wiring = Wiring.service(configuration, factory);
    environment.lifecycle().manage(new Running(wiring));
    speakPlainJson(environment);
    if (configuration.getServerFactory() instanceof AbstractServerFactory server) {
      server.setRegisterDefaultExceptionMappers(false);
    }
    Api.components(wiring.parts()).forEach(environment.jersey()::register);

    var metrics = new MetricsServlet(Metrics.registry(wiring.metrics(version())));
    environment.admin().addServlet("prometheus", metrics).addMapping("/metrics");
    var checks = environment.healthChecks();
    checks.register("database", Health.database(wiring.database().dataSource()));
    wiring
        .capabilities()
        .repositoryProbes()
        .forEach((name, probe) -> checks.register("repository-" + name, Health.repository(probe)));
    for (String name : configuration.settings().repositories().keySet()) {
      for (OperationType type : List.of(OperationType.PRUNE, OperationType.VERIFY)) {
        checks.register(
            "last-" + type.name().toLowerCase(Locale.ROOT) + "-" + name,
            Health.lastRun(wiring.parts().store(), name, type));
      }
    }
    configuration
        .settings()
        .plans()
        .forEach((name, plan) -> {
          if (plan.drill().isPresent()) {
            checks.register("drills-of-" + name, Health.controls(wiring.parts().store(), name));
          }
          if (plan.wal().isPresent()) {
            checks.register(
                "wal-" + name,
                Health.wal(
                    () -> Optional.ofNullable(wiring.capabilities().wal().status().get(name))));
          }
        });
    checks.register(
        "recovery-kit", Health.recoveryKit(configuration.settings(), configuration.file()));

    Health.kitWarning(configuration.settings(), configuration.file())
        .ifPresent(warning -> LOG.warn("event=recovery-kit-lies-around message={}", warning));

    environment.lifecycle().addServerLifecycleListener(server -> announce(server, wiring));
  }

  private static void speakPlainJson(Environment environment) {
    environment
        .getObjectMapper()
        .setDefaultPropertyInclusion(JsonInclude.Include.NON_ABSENT)
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES);
  }

  private void announce(Server server, Wiring wiring) {
    announcements.accept("Lifeboat is ready at " + server.getURI());
    wiring
        .parts()
        .tokens()
        .issueFirst()
        .ifPresent(token -> {
          announcements.accept("");
          announcements.accept("  Bearer token (shown this once, keep it safe): " + token);
          announcements.accept("");
        });
  }

  static String version() {
    String version = ServiceApplication.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** The part of the service that starts and stops. */
  private record Running(Wiring wiring) implements Managed {
    @Override
    public void start() {
      var operations = wiring.parts().operations();
      int left = operations.recover(wiring.capabilities().startCleanups());
      if (left > 0) {
        LOG.warn("event=recovered interrupted={}", left);
      }
      // Not in the way of the start: a repository may be slow to answer.
      Thread.ofVirtual().name("snapshots-first-look").start(wiring.snapshots()::refresh);
      Thread.ofVirtual().name("stores-first-look").start(this::probeStores);
      wiring
          .capabilities()
          .wal()
          .start((plan, reason) ->
              wiring.parts().runs().plans().scheduled(plan, OperationType.BACKUP, reason));
      wiring.parts().scheduler().start();
    }

    /**
     * Tells at once of a repository that cannot be used, or whose store is unsafe. The health check
     * goes on telling, and a backup to an unsafe store is refused when it starts.
     */
    private void probeStores() {
      wiring
          .capabilities()
          .repositoryProbes()
          .forEach((name, probe) -> {
            try {
              probe.run();
            } catch (LifeboatException e) {
              LOG.error(
                  "event=repository-unusable repository={} code={} because={} hint={}",
                  name,
                  e.code(),
                  e.getMessage(),
                  e.hint());
            }
          });
    }

    @Override
    public void stop() {
      LOG.info("event=stopping");
      try (var database = wiring.database();
          var capabilities = wiring.capabilities()) {
        wiring.parts().scheduler().close();
        wiring.parts().operations().close();
      }
    }
  }
}
