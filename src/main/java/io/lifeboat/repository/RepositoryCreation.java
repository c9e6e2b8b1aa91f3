package io.lifeboat.repository;

import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.crypto.ServiceKey;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.crypto.XWingRecipient;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.PutOutcome;
import io.lifeboat.store.StoreProbe;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes a repository in a store: the plain objects for whoever finds the bucket, {@code format},
 * and the first entries of the log. {@code format} is put last but one: before it there is no
 * repository, and the log's first entry belongs to it.
 */
public final class RepositoryCreation {
  private final ObjectStore store;
  private final StoreProbe probe;
  private final Clock clock;

  /** A creation in this store. */
  public RepositoryCreation(ObjectStore store, StoreProbe probe, Clock clock) {
    this.store = store;
    this.probe = probe;
    this.clock = clock;
  }

  /**
   * Checks that a repository can be made here: the store honours conditional puts and holds none
   * yet.
   *
   * @throws PermanentException with codes {@code STORE_UNSAFE} or {@code REPOSITORY_EXISTS}, or the
   *     store's own
   */
  public void check() {
    if (store.head(Names.FORMAT).isPresent()) {
      throw exists();
    }
    probe.requireConditionalPut(store);
  }

  private PermanentException exists() {
    return new PermanentException(
        ErrorCode.REPOSITORY_EXISTS,
        "There is a repository at " + store.describe() + " already",
        "Use it, or choose another prefix or folder. Lifeboat never overwrites a repository.");
  }

  /** Makes the repository, with this node as its first writer. */
  public void create(RepositoryId id, RecoveryKit kit, ServiceKey service, String writerName) {
    Map<String, byte[]> plain = new LinkedHashMap<>();
    plain.put(Names.README, resource("/repository-readme.txt"));
    plain.put(Names.SPECIFICATION, resource("/spec/repository-format.md"));
    Map<String, String> hashes = new LinkedHashMap<>();
    plain.forEach((name, bytes) -> hashes.put(name, Hashes.sha256Hex(bytes)));
    var format =
        new FormatDocument(
            FormatDocument.VERSION,
            id.toString(),
            clock.instant(),
            FormatDocument.Features.CURRENT,
            kit.recipients().stream().map(XWingRecipient::text).toList(),
            service.maintenance().recipient().text(),
            kit.admin().verifyKey().text(),
            hashes);
    byte[] formatBytes = format.sign(kit.admin());
    plain.forEach((name, bytes) -> store.putIfAbsent(name, new Body.Bytes(bytes)));
    if (store.putIfAbsent(Names.FORMAT, new Body.Bytes(formatBytes)) == PutOutcome.EXISTS) {
      throw exists();
    }
    SigningKey admin = kit.admin();
    var log = new CommitLog(store, admin.verifyKey(), clock);
    log.append(
        new LogRecord.Genesis(id.toString(), Hashes.sha256Hex(formatBytes)), admin, view -> {});
    log.append(
        new LogRecord.Writer(service.writer().verifyKey().text(), writerName), admin, view -> {});
  }

  private static byte[] resource(String name) {
    try (InputStream in = RepositoryCreation.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("This build lacks its resource " + name);
      }
      // Line ends do not depend on where this was built.
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
      return text.getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("This build's resource cannot be read: " + name, e);
    }
  }
}
