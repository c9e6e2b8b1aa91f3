package io.lifeboat.repository;

import io.lifeboat.crypto.DomainKey;
import io.lifeboat.crypto.Hkdf;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.store.ObjectInfo;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The write-ahead log of one cluster in a repository. Whoever has the service key writes and lists
 * it, whoever has a recovery kit reads it. Thread-safe.
 *
 * <pre>
 * w/&lt;cluster&gt;/&lt;timeline, 8 hex&gt;/&lt;segment, 16 hex&gt;/&lt;from&gt;-&lt;to&gt;   a piece
 * w/&lt;cluster&gt;/&lt;timeline, 8 hex&gt;/history                            where a timeline branched off
 * w/&lt;cluster&gt;/session/&lt;32 hex&gt;                                     the key of some of them
 * cluster = HKDF-Expand-SHA-256(the domain's index key, "lifeboat wal cluster v1 " || system identifier), 16 bytes
 * </pre>
 */
public final class WalArchive {
  /** How many bytes a piece holds at most. */
  public static final int MOST_BYTES = ObjectLimits.WAL_BYTES;

  private static final int CLUSTER_BYTES = 16;
  private static final Pattern HISTORY = Pattern.compile("([0-9a-f]{8})/history");
  private static final Pattern NAME =
      Pattern.compile(
          Names.WAL + "[0-9a-f]{32}/(?:(session/[0-9a-f]{32})|([0-9a-f]{8}/history)|(.*))");

  private final RepositoryContext context;
  private final String cluster;
  private final Map<String, VerifyKey> writers;
  private final WalObjects objects;
  private final Envelopes envelopes;
  private final Map<String, byte[]> keys = new ConcurrentHashMap<>();

  WalArchive(RepositoryContext context, CommitLog.View view, String cluster) {
    this.context = context;
    this.cluster = cluster;
    this.writers = writers(context, view);
    this.objects = new WalObjects(context.format().repository());
    this.envelopes = new Envelopes(context.store(), context.age());
  }

  /** What a cluster is called in the store: says nothing about it to who lacks the key. */
  static String cluster(DomainKey domain, String systemIdentifier) {
    byte[] info = ("lifeboat wal cluster v1 " + systemIdentifier).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(Hkdf.SHA256.expand(domain.indexKey(), info, CLUSTER_BYTES));
  }

  /** All who were ever allowed to write: what one of them wrote before it was removed stays. */
  static Map<String, VerifyKey> writers(RepositoryContext context, CommitLog.View view) {
    Map<String, VerifyKey> keys = new HashMap<>();
    VerifyKey admin = context.keyring().admin();
    keys.put(admin.id(), admin);
    view.all(LogRecord.Writer.class)
        .map(writer -> VerifyKey.parse(writer.key()))
        .forEach(key -> keys.put(key.id(), key));
    return Map.copyOf(keys);
  }

  /** Whether an object of this name holds the key of a session. */
  static boolean isSession(String name) {
    return matches(name, 1);
  }

  /** Whether an object of this name is a history. */
  static boolean isHistory(String name) {
    return matches(name, 2);
  }

  /** Whether an object of this name is a piece. */
  static boolean isPiece(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        && Optional.ofNullable(matcher.group(3)).flatMap(WalPiece::parse).isPresent();
  }

  private static boolean matches(String name, int group) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() && matcher.group(group) != null;
  }

  /** What the cluster is called in the store: 32 hexadecimal digits. */
  public String cluster() {
    return cluster;
  }

  /**
   * What there is, by the names alone.
   *
   * @param pieces in their order
   * @param storedAt when the store says a piece was written
   * @param histories the timelines whose history is there
   * @param foreign names that nothing of ours can be called
   */
  public record Inventory(
      List<WalPiece> pieces,
      Map<WalPiece, Instant> storedAt,
      List<Integer> histories,
      List<String> foreign) {
    /** Copies the collections. */
    public Inventory {
      pieces = List.copyOf(pieces);
      storedAt = Map.copyOf(storedAt);
      histories = List.copyOf(histories);
      foreign = List.copyOf(foreign);
    }
  }

  /** Lists everything. */
  public Inventory list() {
    var pieces = new TreeMap<WalPiece, Instant>();
    var histories = new ArrayList<Integer>();
    var foreign = new ArrayList<String>();
    String prefix = prefix();
    try (Stream<ObjectInfo> all = context.store().list(prefix)) {
      all.forEach(object -> {
        String name = object.name().substring(prefix.length());
        Optional<WalPiece> piece = WalPiece.parse(name);
        Matcher history = HISTORY.matcher(name);
        if (piece.isPresent()) {
          pieces.put(piece.get(), object.storedAt());
        } else if (history.matches()) {
          histories.add(HexFormat.fromHexDigits(history.group(1)));
        } else if (!isSession(object.name())) {
          foreign.add(object.name());
        }
      });
    }
    return new Inventory(List.copyOf(pieces.keySet()), pieces, histories, foreign);
  }

  /** What was stored in a piece. */
  public record Content(WalTimes times, byte[] bytes) {}

  /**
   * Reads a piece.
   *
   * @throws io.lifeboat.error.PermanentException with code {@code RECOVERY_IDENTITY_MISSING},
   *     {@code OBJECT_MISSING}, {@code OBJECT_DAMAGED} naming the object, or {@code KEY_MISMATCH}
   */
  public Content read(WalPiece piece) {
    WalObjects.Content content = open(prefix() + piece.name());
    return new Content(content.times(), content.bytes());
  }

  /**
   * The file {@code <timeline>.history} of a timeline, as the server has it.
   *
   * @throws io.lifeboat.error.PermanentException as {@link #read} does
   */
  public byte[] history(int timeline) {
    return open(prefix() + historyName(timeline)).bytes();
  }

  private WalObjects.Content open(String name) {
    context.keyring().requireKit();
    return open(name, context.store().get(name, ObjectLimits.OTHER_BYTES));
  }

  /** What an object holds, if that is what its name says. */
  WalObjects.Content open(String name, byte[] object) {
    WalObjects.SealedPiece sealed = objects.sealed(name, object, writers);
    byte[] key = keys.computeIfAbsent(sealed.session(), this::key);
    WalObjects.Content content = objects.open(name, sealed.message(), key, context.sealer());
    int length = content.bytes().length;
    if (WalPiece.parse(name.substring(prefix().length()))
        .filter(piece -> piece.lengthBytes() != length)
        .isPresent()) {
      throw Failures.damaged(name, "it holds " + length + " bytes of WAL");
    }
    return content;
  }

  private byte[] key(String session) {
    String name = sessionName(session);
    byte[] object = context.store().get(name, ObjectLimits.OTHER_BYTES);
    return Failures.naming(
        name,
        () ->
            envelopes.open(
                Envelopes.Part.DATA,
                session,
                objects.envelope(name, object, writers),
                context.keyring().readers()));
  }

  /**
   * Begins to write.
   *
   * @throws io.lifeboat.error.PermanentException with code {@code SERVICE_KEY_MISSING}
   */
  public WalWriter writer() {
    context.keyring().requireService();
    return new WalWriter(context, this, objects, writers);
  }

  String prefix() {
    return Names.WAL + cluster + "/";
  }

  String sessionName(String session) {
    return prefix() + "session/" + session;
  }

  static String historyName(int timeline) {
    return HexFormat.of().toHexDigits(timeline) + "/history";
  }
}
