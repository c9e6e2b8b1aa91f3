package io.lifeboat.drill;

import io.lifeboat.progress.Progress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** How long each phase takes. For one thread. */
final class Phases {
  private final Clock clock;
  private final Progress progress;
  private final Map<String, Duration> durations = new LinkedHashMap<>();
  private String name = "";
  private Instant since;

  Phases(Clock clock, Progress progress) {
    this.clock = clock;
    this.progress = progress;
    this.since = clock.instant();
  }

  /** Ends the phase before and enters this one. */
  void enter(String next) {
    enterUnannounced(next);
    progress.phase(next);
  }

  /** The same for a phase that somebody else announces. */
  void enterUnannounced(String next) {
    leave();
    name = next;
  }

  void leave() {
    Instant now = clock.instant();
    if (!name.isEmpty()) {
      durations.merge(name, Duration.between(since, now), Duration::plus);
    }
    name = "";
    since = now;
  }

  Map<String, Duration> durations() {
    return durations;
  }
}
