package io.lifeboat.app;

import io.lifeboat.crypto.KeyFiles;
import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.crypto.XWingIdentity;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import net.sourceforge.argparse4j.inf.Subparser;

/**
 * {@code lifeboat keygen}: an identity, a recovery kit for another person, a key for another node.
 */
final class KeygenCommand implements Command {
  private static final String RECOVERY = "recovery";
  private static final String NODE = "node";

  @Override
  public String name() {
    return "keygen";
  }

  @Override
  public String help() {
    return "recovery: make another recovery kit, with an identity of its own that reads once"
        + " `lifeboat recipient add` has named it; node: make the service key of another node and"
        + " register it (needs the recovery kit); FILE: write a bare recovery identity";
  }

  @Override
  public void arguments(Subparser parser) {
    parser
        .addArgument("what")
        .metavar("recovery|node|FILE")
        .help("what to make; a FILE must not exist");
    parser
        .addArgument("--out")
        .metavar("FILE")
        .help("where to write it; recovery prints it without");
    parser
        .addArgument("--role")
        .choices("writer", "maintenance", "both")
        .setDefault("writer")
        .help("node: what it is to do");
    parser.addArgument("--name").metavar("N").help("node: its name, for people");
    Session.kitArguments(parser);
  }

  @Override
  public int run(Session session) {
    return switch (session.text("what")) {
      case RECOVERY -> recovery(session);
      case NODE -> new NodeKey(session).make();
      default -> identity(session, Path.of(session.text("what")));
    };
  }

  private static int identity(Session session, Path file) {
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

  private static int recovery(Session session) {
    RecoveryKit kit = session.kit().another(session.random(), LocalDate.now(session.clock()));
    String recipient = kit.recipients().getFirst().text();
    Optional<String> file = session.optional("out");
    file.ifPresent(name -> KeyFiles.write(Path.of(name), kit.fileText()));
    Map<String, String> answer = new LinkedHashMap<>();
    answer.put(file.isPresent() ? "file" : "kit", file.orElseGet(kit::fileText));
    answer.put("recipient", recipient);
    answer.put("fingerprint", kit.recipients().getFirst().fingerprint());
    Output output = session.output();
    output.answer(
        answer,
        () -> {
          if (file.isPresent()) {
            output.line("Recovery kit: " + file.get() + " (secret; reads, and signs nothing)");
            output.line("Recipient:    " + recipient);
            output.line("It reads nothing yet: lifeboat recipient add RECIPIENT");
          } else {
            output.line(kit.fileText().stripTrailing());
            output.line("#");
            output.line("# Its recipient, for `lifeboat recipient add`:");
            output.line("# " + recipient);
          }
        });
    return 0;
  }

  /** The file to write. */
  static Path out(Session session) {
    return session
        .optional("out")
        .map(Path::of)
        .orElseThrow(() ->
            new PermanentException(
                ErrorCode.USAGE_INVALID,
                "`keygen node` needs --out",
                "Give the file for the new node's service key, such as --out other-service.key."));
  }
}
