package io.lifeboat.app.push;

import io.lifeboat.wal.push.PushAnswer;
import io.lifeboat.wal.push.PushCall;
import io.lifeboat.wal.push.PushRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code lifeboat wal-push}, the quick way: hands a file to the service over its socket. {@code
 * scripts/lifeboat} starts it in a JVM that is there for this only.
 *
 * <pre>
 * PushClient --plan P --socket S [--timeout SECONDS] [--config FILE] FILE
 * </pre>
 *
 * Exits with 0 if the file is durable, 1 if it is not (PostgreSQL tries again), 2 for arguments
 * that are not understood, 3 if the file cannot be read, and {@value #NOBODY_LISTENS} if there is
 * no service, so that the caller may go the long way. Never with more than 125: PostgreSQL would
 * take that for a crash of its archiver.
 *
 * <p>No lambdas, nor anything else that the JVM makes up at run time: that costs more than all of
 * this.
 */
public final class PushClient {
  private static final int NOT_TAKEN = 1;
  private static final int USAGE = 2;
  private static final int NOT_READABLE = 3;
  private static final int NOBODY_LISTENS = 75;
  private static final int SECONDS = 60;

  private String plan = "";
  private String socket = "";
  private String file = "";
  private int seconds = SECONDS;

  private PushClient() {}

  /** Runs it and ends the JVM. */
  public static void main(String[] arguments) {
    // Nothing is to be flushed or closed: the kernel does that, and at once.
    Runtime.getRuntime().halt(new PushClient().run(arguments));
  }

  private int run(String[] arguments) {
    if (!parse(arguments)) {
      say(
          "the arguments are not understood. Give --plan PLAN --socket SOCKET [--timeout SECONDS]"
              + " FILE, as in archive_command = '… wal-push --plan shop-nightly --socket … %p'");
      return USAGE;
    }
    Path path = Path.of(file);
    if (!Files.isReadable(path)) {
      say(file + " cannot be read. Give PostgreSQL's %p, and run this as the server's user.");
      return NOT_READABLE;
    }
    new Watch(seconds).start();
    return push(path);
  }

  private boolean parse(String[] arguments) {
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      if (!argument.startsWith("--")) {
        if (!file.isEmpty()) {
          return false;
        }
        file = argument;
      } else if (i + 1 == arguments.length || !option(argument, arguments[++i])) {
        return false;
      }
    }
    return !plan.isEmpty() && !socket.isEmpty() && !file.isEmpty();
  }

  private boolean option(String name, String value) {
    switch (name) {
      case "--plan" -> plan = value;
      case "--socket" -> socket = value;
      case "--config" -> {} // for the long way only
      case "--timeout" -> {
        try {
          seconds = Integer.parseInt(value);
        } catch (NumberFormatException e) {
          return false;
        }
        return seconds > 0 && seconds <= 3600;
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** A service that hangs must not hang the archiver. */
  private static final class Watch extends Thread {
    private final int seconds;

    Watch(int seconds) {
      this.seconds = seconds;
      setDaemon(true);
    }

    @Override
    public void run() {
      try {
        Thread.sleep(seconds * 1000L);
      } catch (InterruptedException e) {
        return;
      }
      say(
          "the service did not answer within "
              + seconds
              + " seconds. PostgreSQL tries again; see the service's log, or give a longer"
              + " --timeout.");
      Runtime.getRuntime().halt(NOT_TAKEN);
    }
  }

  private int push(Path path) {
    PushCall call;
    try {
      call = PushCall.connect(Path.of(socket));
    } catch (IOException e) {
      // Another user's socket is there, and yet may not be used: there the long way leads nowhere.
      boolean denied = String.valueOf(e.getMessage()).contains("ermission");
      say(
          "no service at "
              + socket
              + " ("
              + e.getMessage()
              + ")."
              + (denied
                  ? " Let the server's user use it: walPush.group in the configuration."
                  : ""));
      return denied ? NOT_TAKEN : NOBODY_LISTENS;
    }
    try (call) {
      PushAnswer answer =
          call.send(PushRequest.of(plan, path, System.currentTimeMillis(), seconds), path);
      if (!answer.isTaken()) {
        say(path.getFileName() + ": " + answer.sentence());
      }
      return answer.isTaken() ? 0 : NOT_TAKEN;
    } catch (IOException e) {
      say(
          path.getFileName()
              + " was not taken: the connection to the service broke ("
              + e.getMessage()
              + "). PostgreSQL tries again.");
      return NOT_TAKEN;
    }
  }

  private static void say(String sentence) {
    System.err.println("lifeboat wal-push: " + sentence);
  }
}
