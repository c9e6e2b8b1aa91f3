package io.lifeboat.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Feeds a parser with mutations of good input. Whatever comes, it answers with a value or with a
 * {@link LifeboatException}, soon, and without allocating more than the input's size explains.
 *
 * <p>{@code -Dlifeboat.fuzz=PT5M} lets every parser run for that long instead of a fixed number of
 * rounds; {@code -Dlifeboat.seed} repeats a run, whose seed is printed.
 */
public final class Fuzz {
  private static final long SEED = Long.getLong("lifeboat.seed", System.nanoTime());
  private static final Optional<Duration> TIME =
      Optional.ofNullable(System.getProperty("lifeboat.fuzz")).map(Duration::parse);

  /** On a busy machine a millisecond's work may take this long; an endless loop takes longer. */
  private static final Duration MOST_TIME = Duration.ofSeconds(20);

  /** What buffers, one chunk at its largest, and the machinery around a parser may take. */
  private static final long USUAL_BYTES = 48L << 20;

  private static final long MOST_TIMES_THE_INPUT = 200;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final String what;
  private final List<byte[]> valid;
  private final List<byte[]> seeds;
  private String requiredName = "";

  private Fuzz(String what, List<byte[]> valid) {
    this.what = what;
    this.valid = valid;
    this.seeds = new ArrayList<>(valid);
  }

  /** Takes one input. */
  public interface Parser {
    /** Reads it. */
    void parse(byte[] input) throws Exception;
  }

  /** Mutations of these inputs, each of which is good. */
  public static Fuzz of(String what, List<byte[]> valid) {
    return new Fuzz(what, List.copyOf(valid));
  }

  /** Mutations of this good input. */
  public static Fuzz of(String what, byte[] valid) {
    return of(what, List.of(valid));
  }

  /** Mutations of these, too, which are good elsewhere. */
  public Fuzz andOf(List<byte[]> others) {
    seeds.addAll(others);
    return this;
  }

  /** A message that something is damaged must name this object. */
  public Fuzz naming(String name) {
    this.requiredName = name;
    return this;
  }

  /** Runs; the inputs themselves must be taken, and some mutations refused. */
  public void run(int rounds, Parser parser) throws Exception {
    for (byte[] good : valid) {
      parser.parse(good);
    }
    long end = System.nanoTime() + TIME.orElse(Duration.ZERO).toNanos();
    int refused = 0;
    int round = 0;
    for (; TIME.isPresent() ? System.nanoTime() < end : round < rounds; round++) {
      var random = new Random(SEED + round);
      byte[] input = new Mutations(random).mutate(seeds.get(random.nextInt(seeds.size())), seeds);
      refused += isRefused(input, parser, round) ? 1 : 0;
    }
    System.out.printf("fuzz: %s: %d inputs, %d refused, seed %d%n", what, round, refused, SEED);
    assertThat(refused).as("%s: mutations that were refused", what).isPositive();
  }

  private boolean isRefused(byte[] input, Parser parser, int round) {
    long bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
    long start = System.nanoTime();
    boolean refused = false;
    try {
      parser.parse(input);
    } catch (LifeboatException e) {
      refused = true;
      if (e.code() == ErrorCode.OBJECT_DAMAGED) {
        assertThat(e).as(described(input, round)).hasMessageContaining(requiredName);
      }
    } catch (AssertionError | Exception | StackOverflowError | OutOfMemoryError e) {
      throw new AssertionError(described(input, round) + " ended in " + e, e);
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as(described(input, round))
        .isLessThan(MOST_TIME);
    assertThat(allocated)
        .as("bytes allocated, %s", described(input, round))
        .isLessThan(USUAL_BYTES + MOST_TIMES_THE_INPUT * input.length);
    return refused;
  }

  private String described(byte[] input, int round) {
    String text = Base64.getEncoder().encodeToString(input);
    return "%s, seed %d, round %d, input %s"
        .formatted(what, SEED, round, text.length() > 4000 ? text.substring(0, 4000) + "…" : text);
  }
}
