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
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes a repository in a store: the plain objects for whoever finds the bucket, {@code format},
 * and the first entries of the log. {@code format} is put last but one: before it there is no
 * repository, and the log's first entry belongs to it.
 */
public final class RepositoryCreation {
  /** The number of the log entry that completes a creation: the first writer's. */
  private static final long LAST_ENTRY = 1;

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
    if (isThere(store)) {
      throw exists();
    }
    probe.requireConditionalPut(store);
  }

  /** Whether a store holds a repository that was made to its end. */
  public static boolean isThere(ObjectStore store) {
    return store.head(Names.log(LAST_ENTRY)).isPresent();
  }

  /** Whether a store holds a repository, or one whose creation was stopped on its way. */
  public static boolean isBegun(ObjectStore store) {
    return store.head(Names.FORMAT).isPresent();
  }

  private PermanentException exists() {
    return new PermanentException(
        ErrorCode.REPOSITORY_EXISTS,
        "There is a repository at " + store.describe() + " already",
        "Use it, or choose another prefix or folder. Lifeboat never overwrites a repository.");
  }

  /**
   * Makes the repository, with this node as its first writer; goes on where an earlier call with
   * the same kit was stopped.
   *
   * @return its id: the given one, or the one that the earlier call has set
   */
  public RepositoryId create(
      RepositoryId id, RecoveryKit kit, ServiceKey service, String writerName) {
    SigningKey admin = kit.requireAdmin();
    Map<String, String> hashes = new LinkedHashMap<>();
    hashes.put(Names.README, put(Names.README, resource("/repository-readme.txt")));
    hashes.put(
        Names.SPECIFICATION, put(Names.SPECIFICATION, resource("/spec/repository-format.md")));
    var wanted =
        new FormatDocument(
            FormatDocument.VERSION,
            id.toString(),
            clock.instant(),
            FormatDocument.Features.CURRENT,
            kit.recipients().stream().map(XWingRecipient::text).toList(),
            service.requireMaintenance().recipient().text(),
            admin.verifyKey().text(),
            hashes);
    byte[] formatBytes = wanted.sign(admin);
    if (store.putIfAbsent(Names.FORMAT, new Body.Bytes(formatBytes)) == PutOutcome.EXISTS) {
      formatBytes = store.get(Names.FORMAT, ObjectLimits.SIGNED_BYTES);
    }
    FormatDocument format = FormatDocument.parse(formatBytes, admin.verifyKey());
    var log = new CommitLog(store, admin.verifyKey(), clock);
    var genesis = new LogRecord.Genesis(format.repository(), Hashes.sha256Hex(formatBytes));
    long entries = log.read().next();
    if (entries == 0) {
      log.append(genesis, admin, view -> {});
    }
    if (entries <= LAST_ENTRY) {
      log.append(
          new LogRecord.Writer(
              service.writer().verifyKey().text(), writerName, EnumSet.allOf(Role.class)),
          admin,
          view -> {});
    }
    return format.id();
  }

  /**
   * Puts a plain object; what an unfinished creation left there, perhaps by another version, is
   * replaced.
   */
  private String put(String name, byte[] bytes) {
    if (store.putIfAbsent(name, new Body.Bytes(bytes)) == PutOutcome.EXISTS
        && store.head(Names.FORMAT).isEmpty()
        && !Arrays.equals(store.get(name, ObjectLimits.OTHER_BYTES), bytes)) {
      store.delete(name);
      store.putIfAbsent(name, new Body.Bytes(bytes));
    }
    return Hashes.sha256Hex(bytes);
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
