package io.lifeboat.app;

import io.lifeboat.browse.Item;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Node;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Entries of snapshots, as objects for scripts and as lines for people. */
final class ItemJson {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private ItemJson() {}

  /** An entry; its fields are never renamed. */
  static Map<String, Object> document(Item item) {
    Attributes attributes = item.node().attributes();
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("path", item.path().toString());
    document.put("kind", kind(item.node()));
    document.put("mode", String.format(Locale.ROOT, "%04o", attributes.mode()));
    document.put("uid", Integer.toUnsignedLong(attributes.uid()));
    document.put("gid", Integer.toUnsignedLong(attributes.gid()));
    document.put("user", attributes.user());
    document.put("group", attributes.group());
    document.put("modifiedAt", attributes.modifiedAt());
    switch (item.node()) {
      case Node.Directory folder -> {}
      case Node.RegularFile file -> {
        document.put("size", file.content().sizeBytes());
        document.put("sha256", file.sha256().map(HexFormat.of()::formatHex));
      }
      case Node.Symlink link -> document.put("target", text(link));
    }
    return document;
  }

  private static String kind(Node node) {
    return switch (node) {
      case Node.Directory folder -> "folder";
      case Node.RegularFile file -> "file";
      case Node.Symlink link -> "link";
    };
  }

  /** An entry as {@code ls -l} shows it; the time is UTC. */
  static String line(Item item) {
    Attributes attributes = item.node().attributes();
    return String.format(
        Locale.ROOT,
        "%s %-8s %-8s %12s  %s  %s",
        mode(item.node()),
        owner(attributes.user(), attributes.uid()),
        owner(attributes.group(), attributes.gid()),
        item.node() instanceof Node.RegularFile file ? file.content().sizeBytes() : "-",
        TIME.format(attributes.modifiedAt()),
        printable(item.path().toString())
            + (item.node() instanceof Node.Symlink link ? " -> " + printable(text(link)) : ""));
  }

  private static String owner(String name, int number) {
    return name.isEmpty() ? Integer.toUnsignedString(number) : printable(name);
  }

  private static String text(Node.Symlink link) {
    return new String(link.target(), StandardCharsets.UTF_8);
  }

  private static String mode(Node node) {
    int mode = node.attributes().mode();
    char kind =
        switch (node) {
          case Node.Directory folder -> 'd';
          case Node.RegularFile file -> '-';
          case Node.Symlink link -> 'l';
        };
    return kind
        + triple(mode >> 6, mode & 04000, 's')
        + triple(mode >> 3, mode & 02000, 's')
        + triple(mode, mode & 01000, 't');
  }

  private static String triple(int bits, int special, char letter) {
    boolean runs = (bits & 1) != 0;
    char last = runs ? 'x' : '-';
    if (special != 0) {
      last = runs ? letter : Character.toUpperCase(letter);
    }
    return "" + ((bits & 4) != 0 ? 'r' : '-') + ((bits & 2) != 0 ? 'w' : '-') + last;
  }

  /** A name that cannot make a terminal do things. */
  static String printable(String name) {
    var printable = new StringBuilder(name.length());
    name.codePoints()
        .forEach(c -> {
          if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
            printable.append(String.format(Locale.ROOT, "\\u%04x", c));
          } else {
            printable.appendCodePoint(c);
          }
        });
    return printable.toString();
  }
}
