package io.lifeboat.postgres;

import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.FileName;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Writes a base backup to {@code folder/data} and {@code folder/data.tablespaces/<oid>}. */
class FolderConsumer implements BaseBackupConsumer {
  private final Path data;
  final Map<BaseBackupPath, FileFacts> facts = new HashMap<>();

  FolderConsumer(Path folder) throws IOException {
    data = Files.createDirectories(folder.resolve("data"));
  }

  Path data() {
    return data;
  }

  @Override
  public void directory(BaseBackupPath path, Attributes attributes) throws IOException {
    Files.createDirectories(place(path));
  }

  @Override
  public void file(BaseBackupPath path, Attributes attributes, long sizeBytes, InputStream content)
      throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
    Path place = place(path);
    Files.createDirectories(place.getParent());
    try (OutputStream out = Files.newOutputStream(place)) {
      new DigestInputStream(content, digest).transferTo(out);
    }
    facts.put(path, new FileFacts(Files.size(place), digest.digest()));
  }

  @Override
  public void symlink(BaseBackupPath path, Attributes attributes, byte[] target) {
    throw new AssertionError("A base backup with TABLESPACE_MAP has no links: " + path);
  }

  /** Through a URI, which takes any byte. */
  private Path place(BaseBackupPath path) {
    Path root =
        path.tablespaceOid().map(oid -> RestoredCluster.defaultPlace(data, oid)).orElse(data);
    var uri = new StringBuilder(root.toUri().toString());
    for (FileName name : path.components()) {
      if (uri.charAt(uri.length() - 1) != '/') {
        uri.append('/');
      }
      for (byte b : name.bytes()) {
        uri.append(String.format(Locale.ROOT, "%%%02X", b));
      }
    }
    return Path.of(URI.create(uri.toString()));
  }
}
