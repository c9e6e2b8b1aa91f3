package io.lifeboat.app;

import io.lifeboat.crypto.PassphraseSource;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.Console;
import java.util.Arrays;
import java.util.Map;

/** A kit's passphrase from the environment, or else from whoever sits at the terminal. */
final class ConsolePassphrase implements PassphraseSource {
  static final String VARIABLE = "LIFEBOAT_PASSPHRASE";

  private final Map<String, String> environment;

  ConsolePassphrase(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public String ask(String file) {
    return ask("Passphrase of " + file, file);
  }

  /** A new passphrase, typed twice where it is typed. */
  String choose(String file) {
    String chosen = ask("New passphrase for " + file, file);
    boolean typed = !environment.containsKey(VARIABLE);
    if (chosen.isBlank() || (typed && !chosen.equals(ask("The same again", file)))) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          chosen.isBlank() ? "The passphrase is empty" : "The two passphrases differ",
          "Nothing was written. Try again; six words at random are a good one.");
    }
    return chosen;
  }

  private String ask(String prompt, String file) {
    String given = environment.get(VARIABLE);
    if (given != null) {
      return given;
    }
    Console console = System.console();
    char[] typed =
        console != null && console.isTerminal() ? console.readPassword("%s: ", prompt) : null;
    if (typed == null) {
      throw new PermanentException(
          ErrorCode.RECOVERY_IDENTITY_MISSING,
          "a passphrase is needed, and there is no terminal to ask for it",
          "Run it at a terminal, or set " + VARIABLE + " for " + file + ".");
    }
    String passphrase = new String(typed);
    Arrays.fill(typed, '\0');
    return passphrase;
  }
}
