package io.lifeboat.app;

import io.lifeboat.crypto.KeyFiles;
import io.lifeboat.crypto.XWingIdentity;
import java.nio.file.Path;
import java.util.Map;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat keygen}: an identity for another host, as an age identity file. */
final class KeygenCommand implements Command {
  @Override
  public String name() {
    return "keygen";
  }

  @Override
  public String help() {
    return "write a new recovery identity to a file, and show its public recipient";
  }

  @Override
  public void arguments(Subparser parser) {
    parser.addArgument("file").metavar("FILE").help("where to write it; must not exist");
  }

  @Override
  public int run(Session session) {
    Path file = Path.of(session.text("file"));
    XWingIdentity identity = XWingIdentity.generate(session.random());
    String recipient = identity.recipient().text();
    KeyFiles.write(
        file,
        "# Lifeboat recovery identity; public key:\n# "
            + recipient
            + "\n"
            + identity.secretText()
            + "\n");
    session
        .output()
        .answer(
            Map.of("file", file.toString(), "recipient", recipient),
            () -> {
              session.output().line("Identity:  " + file + " (secret)");
              session.output().line("Recipient: " + recipient);
            });
    return 0;
  }
}
