package io.lifeboat.crypto;

import io.lifeboat.error.PermanentException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a backup node holds: enough to write backups, to deduplicate and to prune, and nothing that
 * reads them. It pins whom to encrypt to and whose signature to trust, so that a store cannot talk
 * the node into other recipients.
 *
 * @param writer signs this node's log entries
 * @param maintenance reads pack footers and reference lists: no names, no contents
 * @param domainRoot yields the keys of deduplication
 * @param admin the admin key that signs formats, writers and recipients; its secret is in the
 *     recovery kit
 * @param recovery whom data is encrypted to; at least one, no two alike
 */
public record ServiceKey(
    SigningKey writer,
    XWingIdentity maintenance,
    DomainRoot domainRoot,
    VerifyKey admin,
    List<XWingRecipient> recovery) {
  private static final String FORMAT_LINE = "lifeboat-service-key 1";
  private static final String WRITER = "writer";
  private static final String WRITER_PREFIX = "LIFEBOAT-WRITER-";
  private static final String MAINTENANCE = "maintenance";
  private static final String DOMAIN_ROOT = "domain-root";
  private static final String ADMIN = "admin";
  private static final String RECOVERY = "recovery";

  /** Checks that there is somebody to encrypt to. */
  public ServiceKey {
    recovery = List.copyOf(recovery);
    if (recovery.isEmpty() || recovery.stream().distinct().count() != recovery.size()) {
      throw new IllegalArgumentException(
          "a service key names at least one recovery recipient, and none twice");
    }
    if (recovery.contains(maintenance.recipient())) {
      throw new IllegalArgumentException("the maintenance identity must not be able to read data");
    }
  }

  /** Fresh secrets for a node whose data the owner of {@code kit} is to read. */
  public static ServiceKey generate(SecureRandom random, RecoveryKit kit) {
    return new ServiceKey(
        SigningKey.generate(random),
        XWingIdentity.generate(random),
        DomainRoot.generate(random),
        kit.admin().verifyKey(),
        kit.recipients());
  }

  /** The key of the deduplication domain of one source in one repository. */
  public DomainKey domainKey(String repositoryId, String sourceName) {
    return domainRoot.domainKey(repositoryId, sourceName);
  }

  /** The text of the file {@code service.key}: secret. */
  public String fileText() {
    StringBuilder text = new StringBuilder();
    text.append(
        "# The key of a Lifeboat backup node. Secret: it can write backups and sign as this"
            + " node.\n");
    text.append("# It cannot read them; the recovery kit can.\n");
    text.append(FORMAT_LINE).append('\n');
    text.append(WRITER).append(' ').append(writer.secretText(WRITER_PREFIX)).append('\n');
    text.append(MAINTENANCE).append(' ').append(maintenance.secretText()).append('\n');
    text.append(DOMAIN_ROOT).append(' ').append(domainRoot.secretText()).append('\n');
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
        case WRITER, MAINTENANCE, DOMAIN_ROOT, ADMIN -> {
          if (single.putIfAbsent(name, new Entry(i, value)) != null) {
            throw lines.invalid(
                i, "a second \"" + name + "\" line", "Keep the one that lifeboat init wrote.");
          }
        }
        default ->
            throw lines.invalid(
                i,
                "a line that is none of writer, maintenance, domain-root, admin, recovery",
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
    Entry maintenance = require(lines, single, MAINTENANCE);
    Entry domainRoot = require(lines, single, DOMAIN_ROOT);
    Entry admin = require(lines, single, ADMIN);
    SigningKey writerKey =
        lines.key(
            writer.index,
            "writer key",
            value -> SigningKey.parse(WRITER_PREFIX, value),
            writer.value);
    XWingIdentity maintenanceIdentity =
        lines.key(
            maintenance.index, "maintenance identity", XWingIdentity::parse, maintenance.value);
    if (recovery.contains(maintenanceIdentity.recipient())) {
      throw lines.invalid(
          maintenance.index,
          "the maintenance identity is also a recovery recipient, so this node could read data",
          "Use the file that lifeboat init wrote.");
    }
    return new ServiceKey(
        writerKey,
        maintenanceIdentity,
        lines.key(domainRoot.index, "domain root", DomainRoot::parse, domainRoot.value),
        lines.key(admin.index, "admin key", VerifyKey::parse, admin.value),
        recovery);
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
