package io.lifeboat.app;

import io.lifeboat.crypto.XWingRecipient;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Administration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.sourceforge.argparse4j.impl.Arguments;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat recipient}: who can read what is stored from now on. */
final class RecipientCommand implements Command {
  @Override
  public String name() {
    return "recipient";
  }

  @Override
  public String help() {
    return "list: show who can read new backups; add RECIPIENT, remove FINGERPRINT: change it for"
        + " what is stored from now on (needs the recovery kit)";
  }

  @Override
  public void arguments(Subparser parser) {
    parser.addArgument("action").choices("list", "add", "remove").help("what to do");
    parser
        .addArgument("subject")
        .nargs("?")
        .metavar("RECIPIENT|FINGERPRINT")
        .help("add: age1pq1…, as `lifeboat keygen` shows it; remove: that, or what list shows");
    parser
        .addArgument("--maintenance")
        .action(Arguments.storeTrue())
        .help("add: one who opens pack footers only, no names and no contents");
    Session.kitArguments(parser);
  }

  @Override
  public int run(Session session) {
    return switch (session.text("action")) {
      case "list" -> list(session, session.repositories());
      case "add" -> add(session);
      default -> remove(session);
    };
  }

  /** A recipient as the answer names it. */
  private record Shown(String fingerprint, String recipient) {
    static List<Shown> of(List<XWingRecipient> recipients) {
      return recipients.stream().map(one -> new Shown(one.fingerprint(), one.text())).toList();
    }
  }

  private static int list(Session session, OpenRepositories repositories) {
    Map<String, Map<String, List<Shown>>> all = new TreeMap<>();
    for (String name : repositories.names()) {
      Administration.Recipients now = repositories.get(name).administration().recipients();
      Map<String, List<Shown>> shown = new LinkedHashMap<>();
      shown.put("recovery", Shown.of(now.recovery()));
      shown.put("maintenance", Shown.of(now.maintenance()));
      all.put(name, shown);
    }
    Output output = session.output();
    output.answer(
        all,
        () ->
            all.forEach((name, kinds) -> {
              output.line(name + ":");
              kinds.forEach((kind, recipients) ->
                  recipients.forEach(one -> output.line("  " + one.fingerprint() + "  " + kind)));
            }));
    return 0;
  }

  private static int add(Session session) {
    XWingRecipient recipient = parse(subject(session));
    OpenRepositories repositories = session.repositoriesByKit();
    for (String name : repositories.names()) {
      Administration administration = repositories.get(name).administration();
      Administration.Recipients now = administration.recipients();
      boolean maintains = session.flag("maintenance");
      boolean there = (maintains ? now.maintenance() : now.recovery()).contains(recipient);
      if (!there && maintains) {
        administration.addMaintainer(recipient);
      } else if (!there) {
        administration.addReader(recipient);
      }
    }
    session
        .output()
        .line(
            "It can read what is stored from now on. For what is stored already, and once backups"
                + " that run now have ended: lifeboat rewrap");
    return list(session, repositories);
  }

  private static int remove(Session session) {
    String subject = subject(session);
    String fingerprint = subject.startsWith("age1") ? parse(subject).fingerprint() : subject;
    OpenRepositories repositories = session.repositoriesByKit();
    List<String> theirs =
        repositories.names().stream()
            .filter(name -> knows(repositories.get(name).administration(), fingerprint))
            .toList();
    if (theirs.isEmpty()) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "No repository has a recipient " + fingerprint,
          "`lifeboat recipient list` shows who there is.");
    }
    theirs.forEach(name -> repositories.get(name).administration().removeRecipient(fingerprint));
    session
        .output()
        .line(
            "What is stored from now on is not for "
                + fingerprint
                + ". What was, it can still"
                + " open: if it was stolen, begin a new repository.");
    return list(session, repositories);
  }

  private static boolean knows(Administration administration, String fingerprint) {
    Administration.Recipients now = administration.recipients();
    return java.util.stream.Stream.concat(now.recovery().stream(), now.maintenance().stream())
        .anyMatch(one -> one.fingerprint().equals(fingerprint));
  }

  private static String subject(Session session) {
    return session
        .optional("subject")
        .orElseThrow(() ->
            new PermanentException(
                ErrorCode.USAGE_INVALID,
                "`recipient add` and `recipient remove` need to know whom",
                "Give a recipient (age1pq1…), or for remove the fingerprint that list shows."));
  }

  private static XWingRecipient parse(String text) {
    try {
      return XWingRecipient.parse(text);
    } catch (IllegalArgumentException e) {
      boolean classical = text.startsWith("age1") && !text.startsWith("age1pq1");
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          classical
              ? "This is a classical age recipient; repositories are sealed to post-quantum ones"
                  + " only"
              : "This is no recipient: " + e.getMessage(),
          "`lifeboat keygen recovery` makes an identity and shows its recipient (age1pq1…).",
          e);
    }
  }
}
