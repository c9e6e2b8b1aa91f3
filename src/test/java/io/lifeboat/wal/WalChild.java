package io.lifeboat.wal;

import io.lifeboat.config.Secret;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.TransientException;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.wal.WalOptions.Acknowledge;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A process of its own that receives into a spool, with no store to be had, until it is killed. */
final class WalChild {
  private WalChild() {}

  /** Arguments: url, spool, slot. */
  public static void main(String[] arguments) throws Exception {
    var address = PostgresAddress.parse(arguments[0], Optional.of(new Secret("unused")));
    try (WalReceiver receiver =
        WalReceiver.start(
            new PostgresServer(address),
            Path.of(arguments[1]),
            cluster -> {
              throw new TransientException(ErrorCode.STORE_UNREACHABLE, "No store", "Wait.");
            },
            new WalOptions(arguments[2], Acknowledge.LOCAL, Duration.ofMillis(100), 1L << 30),
            event -> {},
            Clock.systemUTC())) {
      Thread.sleep(Duration.ofMinutes(5));
    }
  }

  static Process start(String... arguments) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var command =
        new java.util.ArrayList<>(
            List.of(java, "-cp", System.getProperty("java.class.path"), WalChild.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
