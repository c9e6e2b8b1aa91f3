package io.lifeboat.app;

import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Keyring;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sourceforge.argparse4j.impl.Arguments;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat evidence verify|show|export|report|key}. */
final class EvidenceCommand implements Command {
  @Override
  public String name() {
    return "evidence";
  }

  @Override
  public String help() {
    return "verify FILE|FOLDER: hold evidence, a page of it or an export against its signatures,"
        + " offline; show DRILL: print it, or write it as a page; export: all of it, for a stranger"
        + " to verify; report: what drills showed in a period; key: print the public keys";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.storeArguments(parser);
    parser
        .addArgument("action")
        .choices("verify", "show", "export", "report", "key")
        .help("what to do");
    parser
        .addArgument("subject")
        .nargs("?")
        .metavar("FILE|DRILL")
        .help("a file or a folder, or a drill's id");
    parser
        .addArgument("--key")
        .metavar("KEY")
        .action(Arguments.append())
        .help(
            "verify: a public key that may have signed, once for each; with it neither a"
                + " configuration nor a repository is needed; without it, the configuration's"
                + " keys");
    parser
        .addArgument("--html")
        .metavar("FILE")
        .help("show, report: write a page for people; must not exist");
    parser
        .addArgument("--target")
        .metavar("FOLDER")
        .help("export: where to; must be empty or not be there");
    parser
        .addArgument("--repository")
        .metavar("NAME")
        .help("export: which one, where there are several");
    parser
        .addArgument("--from")
        .metavar("DATE")
        .help("report: the first day, in UTC, or a time such as 2026-01-31T12:00:00Z");
    parser.addArgument("--to").metavar("DATE").help("report: the last day, or the time of the end");
  }

  @Override
  public int run(Session session) {
    return switch (session.text("action")) {
      case "verify" -> {
        Path path = Path.of(subject(session, "a file or a folder with evidence"));
        yield new EvidenceVerification(trusted(session), session.output()).run(path);
      }
      case "show" -> show(session);
      case "export" -> export(session);
      case "report" -> new EvidenceReporting(session).run();
      default -> key(session);
    };
  }

  private static int export(Session session) {
    String target =
        session
            .optional("target")
            .orElseThrow(() ->
                new PermanentException(
                    ErrorCode.USAGE_INVALID,
                    "`evidence export` needs a folder",
                    "Give --target FOLDER, empty or not there."));
    OpenRepositories repositories =
        session.keep(
            new OpenRepositories(session.installation(), session.random(), session.clock()));
    return new EvidenceExport(repositories, session.clock(), session.output())
        .run(session.optional("repository"), Path.of(target));
  }

  private static List<VerifyKey> trusted(Session session) {
    List<String> keys = session.all("key");
    return keys.isEmpty()
        ? publicKeys(session)
        : keys.stream().map(EvidenceCommand::publicKey).toList();
  }

  private static VerifyKey publicKey(String text) {
    try {
      return VerifyKey.parse(text);
    } catch (IllegalArgumentException e) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "--key is no public key: " + e.getMessage(),
          "Give one that begins with lifeboat-verify-1; `lifeboat evidence key` prints those of an"
              + " installation.",
          e);
    }
  }

  private static List<VerifyKey> publicKeys(Session session) {
    Keyring keyring =
        session
            .keep(new OpenRepositories(session.installation(), session.random(), session.clock()))
            .keyring();
    List<VerifyKey> keys = new ArrayList<>();
    keyring.service().ifPresent(service -> keys.add(service.writer().verifyKey()));
    keys.add(keyring.admin());
    return keys;
  }

  private static int show(Session session) {
    String drill = subject(session, "a drill's id");
    Optional<String> page = session.optional("html");
    if (page.isEmpty()) {
      session.output().raw(session.engines().evidence(drill));
      return 0;
    }
    NewPage.write(Path.of(page.get()), session.engines().evidencePage(drill));
    session
        .output()
        .answer(Map.of("file", page.get()), () -> session.output().line("Page: " + page.get()));
    return 0;
  }

  private static int key(Session session) {
    List<String> keys = publicKeys(session).stream().map(VerifyKey::text).toList();
    session
        .output()
        .answer(Map.of("keys", keys), () -> keys.forEach(key -> session.output().line(key)));
    return 0;
  }

  private static String subject(Session session, String what) {
    return session
        .optional("subject")
        .orElseThrow(() ->
            new PermanentException(
                ErrorCode.USAGE_INVALID,
                "`evidence " + session.text("action") + "` needs " + what,
                "Give it as the last argument."));
  }
}
