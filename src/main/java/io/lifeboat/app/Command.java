package io.lifeboat.app;

import net.sourceforge.argparse4j.inf.Subparser;

/** One verb of the command line. */
interface Command {
  /** The verb. */
  String name();

  /** What it does, as a sentence. */
  String help();

  /** Declares its arguments; {@code --json} and {@code --help} are there already. */
  void arguments(Subparser parser);

  /**
   * Does it.
   *
   * @return the exit status
   */
  int run(Session session);
}
