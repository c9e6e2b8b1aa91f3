package io.lifeboat.app;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Administration;
import io.lifeboat.repository.Role;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat writer}: whose entries of the log count. */
final class WriterCommand implements Command {
  @Override
  public String name() {
    return "writer";
  }

  @Override
  public String help() {
    return "list: show the nodes that may write, and as what; remove ID: what its key signs from"
        + " now on does not count (needs the recovery kit)";
  }

  @Override
  public void arguments(Subparser parser) {
    parser.addArgument("action").choices("list", "remove").help("what to do");
    parser.addArgument("id").nargs("?").metavar("ID").help("remove: the key id that list shows");
    Session.kitArguments(parser);
  }

  @Override
  public int run(Session session) {
    return session.text("action").equals("list") ? list(session) : remove(session);
  }

  private static int list(Session session) {
    OpenRepositories repositories = session.repositories();
    Map<String, List<Administration.Writer>> all = new TreeMap<>();
    repositories
        .names()
        .forEach(name -> all.put(name, repositories.get(name).administration().writers()));
    Output output = session.output();
    output.answer(
        all,
        () ->
            all.forEach((repository, writers) -> {
              output.line(repository + ":");
              writers.forEach(writer ->
                  output.line("  " + writer.id() + "  " + roles(writer) + "  " + writer.name()));
            }));
    return 0;
  }

  private static String roles(Administration.Writer writer) {
    return writer.roles().isEmpty()
        ? "removed"
        : String.join(" and ", writer.roles().stream().sorted().map(Role::toString).toList());
  }

  private static int remove(Session session) {
    String id =
        session
            .optional("id")
            .orElseThrow(() ->
                new PermanentException(
                    ErrorCode.USAGE_INVALID,
                    "`writer remove` needs an ID",
                    "`lifeboat writer list` shows them."));
    OpenRepositories repositories = session.repositoriesByKit();
    List<String> changed =
        repositories.names().stream()
            .filter(name ->
                repositories.names().size() == 1
                    || repositories.get(name).administration().writers().stream()
                        .anyMatch(writer -> writer.id().equals(id) && !writer.roles().isEmpty()))
            .toList();
    if (changed.isEmpty()) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "No repository has a writer " + id,
          "`lifeboat writer list` shows their ids.");
    }
    changed.forEach(name -> repositories.get(name).administration().removeWriter(id));
    session
        .output()
        .answer(
            Map.of("removed", id, "repositories", changed),
            () -> {
              session.output().line("Removed " + id + " from: " + String.join(", ", changed));
              session
                  .output()
                  .line("Take away its access keys to the store too: it can still put junk there.");
            });
    return 0;
  }
}
