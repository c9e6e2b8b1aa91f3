package io.lifeboat.crypto;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The textual header of an age file, https://c2sp.org/age:
 *
 * <pre>
 * header = "age-encryption.org/v1" LF || stanza… || "--- " mac LF
 * stanza = "-> " argument (SP argument)* LF || base64 body in lines of 64, the last of them shorter, perhaps empty
 * </pre>
 *
 * @param stanzas at least one
 * @param authenticated the bytes that the MAC covers: up to and including {@code ---}
 * @param mac 32 bytes
 * @param sizeBytes where the payload begins
 */
record AgeHeader(List<AgeStanza> stanzas, byte[] authenticated, byte[] mac, int sizeBytes) {
  static final int MAC_BYTES = 32;

  /** Far above what Lifeboat writes; bounds the work that a stranger's file can cause. */
  private static final int MAX_STANZAS = 128;

  private static final int MAX_BYTES = 256 * 1024;
  private static final String VERSION_LINE = "age-encryption.org/v1";
  private static final String STANZA_START = "-> ";
  private static final String MAC_START = "---";
  private static final int BODY_COLUMNS = 64;

  AgeHeader {
    stanzas = List.copyOf(stanzas);
  }

  /** The bytes that the MAC has to cover. */
  static byte[] authenticated(List<AgeStanza> stanzas) {
    StringBuilder text = new StringBuilder(VERSION_LINE).append('\n');
    for (AgeStanza stanza : stanzas) {
      text.append(STANZA_START).append(String.join(" ", stanza.arguments())).append('\n');
      String body = AgeBase64.encode(stanza.body());
      int at = 0;
      for (; body.length() - at >= BODY_COLUMNS; at += BODY_COLUMNS) {
        text.append(body, at, at + BODY_COLUMNS).append('\n');
      }
      text.append(body, at, body.length()).append('\n');
    }
    return text.append(MAC_START).toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** The bytes of a whole header. */
  static byte[] format(byte[] authenticated, byte[] mac) {
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    header.writeBytes(authenticated);
    header.writeBytes((" " + AgeBase64.encode(mac) + "\n").getBytes(StandardCharsets.US_ASCII));
    return header.toByteArray();
  }

  static AgeHeader parse(byte[] file) {
    Lines lines = new Lines(file);
    if (!lines.next().equals(VERSION_LINE)) {
      throw AgeFiles.malformed("it does not begin with " + VERSION_LINE);
    }
    List<AgeStanza> stanzas = new ArrayList<>();
    while (true) {
      int start = lines.at;
      String line = lines.next();
      if (line.startsWith(STANZA_START)) {
        if (stanzas.size() == MAX_STANZAS) {
          throw AgeFiles.malformed("its header has more than " + MAX_STANZAS + " stanzas");
        }
        stanzas.add(stanza(line.substring(STANZA_START.length()), lines));
      } else if (line.startsWith(MAC_START + " ") && !stanzas.isEmpty()) {
        byte[] mac = AgeBase64.decode(line.substring(MAC_START.length() + 1));
        if (mac.length != MAC_BYTES) {
          throw AgeFiles.malformed(
              "its header's MAC has " + mac.length + " bytes, not " + MAC_BYTES);
        }
        return new AgeHeader(
            stanzas, Arrays.copyOf(file, start + MAC_START.length()), mac, lines.at);
      } else {
        throw AgeFiles.malformed(
            "its header has a line at byte " + start + " that is neither stanza nor MAC");
      }
    }
  }

  private static AgeStanza stanza(String argumentText, Lines lines) {
    List<String> arguments = List.of(argumentText.split(" ", -1));
    for (String argument : arguments) {
      if (argument.isEmpty()
          || argument.chars().anyMatch(character -> character < '!' || character > '~')) {
        throw AgeFiles.malformed("its header has a stanza with an argument that is not printable");
      }
    }
    StringBuilder body = new StringBuilder();
    String line;
    do {
      line = lines.next();
      if (line.length() > BODY_COLUMNS) {
        throw AgeFiles.malformed(
            "its header has a stanza with a line of more than " + BODY_COLUMNS + " columns");
      }
      body.append(line);
    } while (line.length() == BODY_COLUMNS);
    return new AgeStanza(arguments, AgeBase64.decode(body.toString()));
  }

  /** Walks over lines that end in LF. */
  private static final class Lines {
    private final byte[] file;
    private int at;

    Lines(byte[] file) {
      this.file = file;
    }

    String next() {
      int limit = Math.min(file.length, MAX_BYTES);
      for (int end = at; end < limit; end++) {
        if (file[end] == '\n') {
          String line = new String(file, at, end - at, StandardCharsets.ISO_8859_1);
          at = end + 1;
          return line;
        }
      }
      throw AgeFiles.malformed("its header does not end within " + limit + " bytes");
    }
  }
}
