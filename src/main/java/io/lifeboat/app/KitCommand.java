package io.lifeboat.app;

import io.lifeboat.crypto.KeyFiles;
import io.lifeboat.crypto.RecoveryKit;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import net.sourceforge.argparse4j.impl.Arguments;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat kit}: the recovery kit as a page to print, as text, or under a passphrase. */
final class KitCommand implements Command {
  @Override
  public String name() {
    return "kit";
  }

  @Override
  public String help() {
    return "show the recovery kit: as a page that prints well, as text, or protected by a"
        + " passphrase";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.configArgument(parser);
    parser
        .addArgument("--identity")
        .metavar("FILE")
        .help("the recovery kit; without it, the configuration's keys.recovery");
    var forms = parser.addMutuallyExclusiveGroup();
    forms
        .addArgument("--html")
        .metavar("FILE")
        .help("write one page with codes to scan, for one or two sheets of A4; must not exist");
    forms
        .addArgument("--protect")
        .metavar("FILE")
        .help(
            "write the kit under a passphrase, as an age file that `age -d` opens too and that"
                + " --identity takes; must not exist");
    forms
        .addArgument("--text")
        .action(Arguments.storeTrue())
        .help("print the kit's text; so it is without another form");
  }

  @Override
  public int run(Session session) {
    RecoveryKit kit = session.kit();
    Optional<String> page = session.optional("html");
    Optional<String> safe = session.optional("protect");
    Output output = session.output();
    if (page.isPresent()) {
      KeyFiles.write(Path.of(page.get()), new KitPage(kit).html());
      output.answer(
          Map.of("file", page.get()),
          () -> output.line("Page: " + page.get() + " (secret): print it, then delete it"));
    } else if (safe.isPresent()) {
      String passphrase = session.passphrases().choose(safe.get());
      KeyFiles.write(Path.of(safe.get()), KeyFiles.protect(session.random(), kit, passphrase));
      output.answer(
          Map.of("file", safe.get()),
          () ->
              output.line(
                  "Protected kit: "
                      + safe.get()
                      + ": worth nothing without its passphrase, so keep"
                      + " that on paper elsewhere"));
    } else {
      output.answer(
          Map.of("kit", kit.fileText()),
          () -> output.raw(kit.fileText().getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }
    return 0;
  }
}
