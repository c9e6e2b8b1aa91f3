package io.lifeboat.files;

import io.lifeboat.repository.FileName;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The bytes behind paths. File names are bytes to Unix and text to Java, which decodes them by the
 * locale: under {@code LC_ALL=C}, or where a name is no UTF-8, the text has lost something. The JDK
 * keeps the bytes inside its paths, and writes and reads them, percent-encoded, as {@code file:}
 * URIs.
 */
public final class RawName {
  private RawName() {}

  /** The name of what a path leads to: its last component, with the bytes the file system has. */
  public static FileName of(Path path) {
    Path last = path.getFileName();
    if (last == null) {
      throw new IllegalArgumentException("A root has no name: " + path);
    }
    return FileName.of(bytes(last));
  }

  /** The path of a folder's entry. */
  public static Path resolve(Path folder, FileName name) {
    byte[] bytes = name.bytes();
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return isAscii(text)
        ? folder.resolve(text)
        : folder.resolve(Path.of(URI.create("file:///" + percentEncode(bytes))).getFileName());
  }

  /**
   * A path of these bytes, absolute or relative, as a symbolic link keeps it. Only slashes at its
   * end and doubled ones are lost: Java has no paths with those.
   */
  public static Path path(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    if (isAscii(text)) {
      return Path.of(text);
    }
    boolean absolute = bytes[0] == '/';
    Path path = Path.of(URI.create("file://" + (absolute ? "" : "/") + percentEncode(bytes)));
    return absolute ? path : path.subpath(0, path.getNameCount());
  }

  /** The bytes of a path as it is written: relative ones stay relative. */
  public static byte[] bytes(Path path) {
    String text = path.toString();
    if (isAscii(text)) {
      // Every character set that a Unix locale can have decodes ASCII, and nothing else, to ASCII.
      return text.getBytes(StandardCharsets.US_ASCII);
    }
    byte[] absolute = percentDecode(path.toUri().getRawPath());
    // For an existing folder the URI ends in a slash that the path has not.
    boolean slashAdded = absolute[absolute.length - 1] == '/' && !text.endsWith("/");
    int end = absolute.length - (slashAdded ? 1 : 0);
    return Arrays.copyOfRange(absolute, path.isAbsolute() ? 0 : workingFolderBytes(path), end);
  }

  /** How many bytes {@code toUri} has put before a relative path. */
  private static int workingFolderBytes(Path relative) {
    Path workingFolder = relative.getFileSystem().getPath("").toAbsolutePath();
    int length = bytes(workingFolder).length;
    return length == 1 ? 1 : length + 1;
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private static String percentEncode(byte[] bytes) {
    var text = new StringBuilder(bytes.length * 3);
    for (byte b : bytes) {
      if (b == '/') {
        text.append('/');
      } else {
        text.append('%').append(hexDigit(b >> 4)).append(hexDigit(b));
      }
    }
    return text.toString();
  }

  private static char hexDigit(int value) {
    return Character.forDigit(value & 0xf, 16);
  }

  private static byte[] percentDecode(String text) {
    var bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        bytes.write(Integer.parseInt(text, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.write(c);
      }
    }
    return bytes.toByteArray();
  }
}
