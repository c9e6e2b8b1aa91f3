package io.lifeboat.app;

import io.lifeboat.crypto.KeyFiles;
import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.crypto.ServiceKey;
import io.lifeboat.crypto.XWingIdentity;
import io.lifeboat.crypto.XWingRecipient;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Administration;
import io.lifeboat.repository.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * {@code lifeboat keygen node}: makes the service key of another node and registers it in the logs.
 * The file comes first: what was registered is never without its key, and a run that was stopped
 * behind it goes on with the file that is there.
 */
final class NodeKey {
  private final Session session;
  private final OpenRepositories repositories;
  private final Path file;
  private final Set<Role> roles;

  NodeKey(Session session) {
    this.session = session;
    this.file = KeygenCommand.out(session);
    this.roles =
        switch (session.text("role")) {
          case "writer" -> EnumSet.of(Role.WRITE);
          case "maintenance" -> EnumSet.of(Role.MAINTAIN);
          default -> EnumSet.allOf(Role.class);
        };
    this.repositories = session.repositoriesByKit();
  }

  int make() {
    RecoveryKit kit = repositories.keyring().kit().orElseThrow();
    kit.requireAdmin();
    List<XWingRecipient> readers = readers();
    boolean resumed = Files.exists(file);
    ServiceKey key = resumed ? existing(kit) : generate(kit, readers);
    if (!resumed) {
      KeyFiles.write(file, key.fileText());
    }
    String name = session.optional("name").orElseGet(() -> String.valueOf(file.getFileName()));
    for (String repository : repositories.names()) {
      register(repositories.get(repository).administration(), key, name);
    }
    answer(key);
    return 0;
  }

  /** One key serves all repositories, so all of them must be readable by the same people. */
  private List<XWingRecipient> readers() {
    Map<String, List<XWingRecipient>> all = new TreeMap<>();
    for (String name : repositories.names()) {
      all.put(name, repositories.get(name).administration().recipients().recovery());
    }
    List<List<XWingRecipient>> different = all.values().stream().distinct().toList();
    if (different.size() != 1) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "The repositories have different recipients, so no single service key fits them: "
              + all.keySet(),
          "Make them equal with `lifeboat recipient`, or make a key for one with --store.");
    }
    return different.getFirst();
  }

  private ServiceKey generate(RecoveryKit kit, List<XWingRecipient> readers) {
    if (roles.size() == Role.values().length) {
      return ServiceKey.generate(session.random(), kit.admin(), readers);
    }
    return roles.contains(Role.WRITE)
        ? ServiceKey.writerOnly(session.random(), kit.admin(), readers)
        : ServiceKey.maintenanceOnly(session.random(), kit.admin(), readers);
  }

  private ServiceKey existing(RecoveryKit kit) {
    ServiceKey key = KeyFiles.readServiceKey(file).value();
    boolean fits =
        key.admin().equals(kit.admin())
            && key.domainRoot().isPresent() == roles.contains(Role.WRITE)
            && key.maintenance().isPresent() == roles.contains(Role.MAINTAIN);
    if (!fits) {
      throw new PermanentException(
          ErrorCode.KEY_FILE_EXISTS,
          "The key file " + file + " exists already, and is not what this would make",
          "It was left as it is. Give another --out, or the same --role to go on with it.");
    }
    return key;
  }

  private void register(Administration administration, ServiceKey key, String name) {
    administration.register(key.writer().verifyKey(), name, roles);
    key.maintenance()
        .map(XWingIdentity::recipient)
        .filter(recipient -> !administration.recipients().maintenance().contains(recipient))
        .ifPresent(administration::addMaintainer);
  }

  private void answer(ServiceKey key) {
    String id = key.writer().verifyKey().id();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("file", file.toString());
    answer.put("writer", id);
    answer.put("roles", roles.stream().map(Role::toString).toList());
    answer.put("repositories", List.copyOf(repositories.names()));
    Output output = session.output();
    output.answer(
        answer,
        () -> {
          output.line("Service key: " + file + " (secret): move it to the new node");
          output.line("Registered:  " + id + " as " + roles + " in " + repositories.names());
          if (key.maintenance().isPresent()) {
            output.line("It opens what is stored from now on; for what is there: lifeboat rewrap");
          }
        });
  }
}
