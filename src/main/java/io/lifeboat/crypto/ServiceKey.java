package io.lifeboat.crypto;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a backup node holds: enough to write backups, to deduplicate and to prune, and nothing that
 * reads them. It pins whom to encrypt to and whose signature to trust, so that a store cannot talk
 * the node into other recipients.
 *
 * @param writer signs this node's log entries
 * @param maintenance reads pack footers and reference lists: no names, no contents; absent from a
 *     node that only writes
 * @param domainRoot yields the keys of deduplication; absent from a node that only maintains
 * @param admin the admin key that signs formats, writers and recipients; its secret is in the
 *     recovery kit
 * @param recovery whom data is encrypted to; at least one, no two alike
 */
public record ServiceKey(
    SigningKey writer,
    Optional<XWingIdentity> maintenance,
    Optional<DomainRoot> domainRoot,
    VerifyKey admin,
    List<XWingRecipient> recovery) {
  private static final String FORMAT_LINE = "lifeboat-service-key 1";
  private static final String WRITER = "writer";
  private static final String WRITER_PREFIX = "LIFEBOAT-WRITER-";
  private static final String MAINTENANCE = "maintenance";
  private static final String DOMAIN_ROOT = "domain-root";
  private static final String ADMIN = "admin";
  private static final String RECOVERY = "recovery";
  private static final String ROLES = "roles";
  private static final String WRITES_ONLY = "write";
  private static final String MAINTAINS_ONLY = "maintain";

  /** Checks that there is somebody to encrypt to. */
  public ServiceKey {
    recovery = List.copyOf(recovery);
    if (recovery.isEmpty() || recovery.stream().distinct().count() != recovery.size()) {
      throw new IllegalArgumentException(
          "a service key names at least one recovery recipient, and none twice");
    }
    if (maintenance.isEmpty() && domainRoot.isEmpty()) {
      throw new IllegalArgumentException(
          "a service key has a maintenance identity or a domain root, or both");
    }
    if (maintenance.map(XWingIdentity::recipient).filter(recovery::contains).isPresent()) {
      throw new IllegalArgumentException("the maintenance identity must not be able to read data");
    }
  }

  /** Fresh secrets for a node that writes backups and cannot look at what others wrote. */
  public static ServiceKey writerOnly(
      SecureRandom random, VerifyKey admin, List<XWingRecipient> recovery) {
    return new ServiceKey(
        SigningKey.generate(random),
        Optional.empty(),
        Optional.of(DomainRoot.generate(random)),
        admin,
        recovery);
  }

  /** Fresh secrets for a node that maintains repositories and cannot write backups. */
  public static ServiceKey maintenanceOnly(
      SecureRandom random, VerifyKey admin, List<XWingRecipient> recovery) {
    return new ServiceKey(
        SigningKey.generate(random),
        Optional.of(XWingIdentity.generate(random)),
        Optional.empty(),
        admin,
        recovery);
  }

  /** Fresh secrets for a node that does both. */
  public static ServiceKey generate(
      SecureRandom random, VerifyKey admin, List<XWingRecipient> recovery) {
    return new ServiceKey(
        SigningKey.generate(random),
        Optional.of(XWingIdentity.generate(random)),
        Optional.of(DomainRoot.generate(random)),
        admin,
        recovery);
  }

  /** Fresh secrets for a node whose data the owner of {@code kit} is to read. */
  public static ServiceKey generate(SecureRandom random, RecoveryKit kit) {
    return generate(random, kit.admin(), kit.recipients());
  }

  /**
   * The maintenance identity.
   *
   * @throws PermanentException with code {@code SERVICE_KEY_MISSING} on a node that only writes
   */
  public XWingIdentity requireMaintenance() {
    return maintenance.orElseThrow(() ->
        lacks(
            "maintenance identity: it only writes backups",
            "Do this on the node that maintains the repository, or with the recovery kit."));
  }

  /**
   * The key of the deduplication domain of one source in one repository.
   *
   * @throws PermanentException with code {@code SERVICE_KEY_MISSING} on a node that only maintains
   */
  public DomainKey domainKey(String repositoryId, String sourceName) {
    return domainRoot
        .orElseThrow(() ->
            lacks(
                "domain root: it only maintains repositories",
                "Back up on a node with the role writer, whose key `lifeboat keygen node` makes."))
        .domainKey(repositoryId, sourceName);
  }

  private static PermanentException lacks(String what, String hint) {
    return new PermanentException(
        ErrorCode.SERVICE_KEY_MISSING, "This node's service key has no " + what, hint);
  }

  /** The text of the file {@code service.key}: secret. */
  public String fileText() {
    StringBuilder text = new StringBuilder();
    text.append(
        "# The key of a Lifeboat backup node. Secret: it can write backups and sign as this"
            + " node.\n");
    text.append("# It cannot read them; the recovery kit can.\n");
    text.append(FORMAT_LINE).append('\n');
    if (maintenance.isEmpty() || domainRoot.isEmpty()) {
      String role = maintenance.isEmpty() ? WRITES_ONLY : MAINTAINS_ONLY;
      text.append(ROLES).append(' ').append(role).append('\n');
    }
    text.append(WRITER).append(' ').append(writer.secretText(WRITER_PREFIX)).append('\n');
    maintenance.ifPresent(
        key -> text.append(MAINTENANCE).append(' ').append(key.secretText()).append('\n'));
    domainRoot.ifPresent(
        key -> text.append(DOMAIN_ROOT).append(' ').append(key.secretText()).append('\n'));
    text.append(ADMIN).append(' ').append(admin.text()).append('\n');
    for (XWingRecipient recipient : recovery) {
      text.append(RECOVERY).append(' ').append(recipient.text()).append('\n');
    }
    return text.toString();
  }

  /**
   * Reads the text of a service key file.
   *
   * @param file how to name the file in errors
   * @throws PermanentException with {@code KEY_FILE_INVALID} that names the line and what to do
   */
  public static ServiceKey parse(String file, String text) {
    KeyFileLines lines = KeyFileLines.of(file, text);
    Map<String, Entry> single = new LinkedHashMap<>();
    List<XWingRecipient> recovery = new ArrayList<>();
    boolean formatSeen = false;
    for (int i = 0; i < lines.lines().size(); i++) {
      String line = lines.lines().get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      if (!formatSeen) {
        if (!line.equals(FORMAT_LINE)) {
          throw lines.invalid(
              i,
              "expected \"" + FORMAT_LINE + "\"",
              "Check that keys.service names the service key; a newer format needs a newer"
                  + " Lifeboat.");
        }
        formatSeen = true;
        continue;
      }
      int space = line.indexOf(' ');
      String name = space < 0 ? "" : line.substring(0, space);
      String value = line.substring(space + 1).strip();
      switch (name) {
        case RECOVERY -> {
          XWingRecipient recipient =
              lines.key(i, "recovery recipient", XWingRecipient::parse, value);
          if (recovery.contains(recipient)) {
            throw lines.invalid(i, "this recovery recipient was named before", "Remove the line.");
          }
          recovery.add(recipient);
        }
        case ROLES, WRITER, MAINTENANCE, DOMAIN_ROOT, ADMIN -> {
          if (single.putIfAbsent(name, new Entry(i, value)) != null) {
            throw lines.invalid(
                i, "a second \"" + name + "\" line", "Keep the one that lifeboat init wrote.");
          }
        }
        default ->
            throw lines.invalid(
                i,
                "a line that is none of roles, writer, maintenance, domain-root, admin, recovery",
                "Remove the line, or use the Lifeboat version that wrote this file.");
      }
    }
    if (!formatSeen) {
      throw lines.incomplete("\"" + FORMAT_LINE + "\" line");
    }
    if (recovery.isEmpty()) {
      throw lines.incomplete("\"" + RECOVERY + "\" line");
    }
    Entry writer = require(lines, single, WRITER);
    Entry admin = require(lines, single, ADMIN);
    requireWhatItsRolesNeed(lines, single);
    SigningKey writerKey =
        lines.key(
            writer.index,
            "writer key",
            value -> SigningKey.parse(WRITER_PREFIX, value),
            writer.value);
    return new ServiceKey(
        writerKey,
        Optional.ofNullable(single.get(MAINTENANCE))
            .map(entry -> maintenance(lines, entry, recovery)),
        Optional.ofNullable(single.get(DOMAIN_ROOT))
            .map(entry -> lines.key(entry.index, "domain root", DomainRoot::parse, entry.value)),
        lines.key(admin.index, "admin key", VerifyKey::parse, admin.value),
        recovery);
  }

  /** A file that lost a line must not pass for that of a node which does less. */
  private static void requireWhatItsRolesNeed(KeyFileLines lines, Map<String, Entry> single) {
    Entry roles = single.get(ROLES);
    String one = roles == null ? "" : roles.value;
    if (roles != null && !one.equals(WRITES_ONLY) && !one.equals(MAINTAINS_ONLY)) {
      throw lines.invalid(
          roles.index,
          "the role is neither write nor maintain",
          "Use the Lifeboat version that wrote this file.");
    }
    Map<String, String> needed = Map.of(MAINTENANCE, WRITES_ONLY, DOMAIN_ROOT, MAINTAINS_ONLY);
    needed.forEach((name, without) -> {
      if (!one.equals(without)) {
        require(lines, single, name);
      } else if (single.containsKey(name)) {
        throw lines.invalid(
            single.get(name).index,
            "a \"" + name + "\" line in the key of a node with the role " + one,
            "Use the file that lifeboat keygen wrote.");
      }
    });
  }

  private static XWingIdentity maintenance(
      KeyFileLines lines, Entry entry, List<XWingRecipient> recovery) {
    XWingIdentity identity =
        lines.key(entry.index, "maintenance identity", XWingIdentity::parse, entry.value);
    if (recovery.contains(identity.recipient())) {
      throw lines.invalid(
          entry.index,
          "the maintenance identity is also a recovery recipient, so this node could read data",
          "Use the file that lifeboat init wrote.");
    }
    return identity;
  }

  private static Entry require(KeyFileLines lines, Map<String, Entry> entries, String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw lines.incomplete("\"" + name + "\" line");
    }
    return entry;
  }

  private record Entry(int index, String value) {}
}
