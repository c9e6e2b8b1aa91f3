package io.lifeboat.repository;

import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.Body;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What earlier verifications of this store have attested. */
final class Attestations {
  /** Older ones are not looked at. */
  private static final int MOST_READ = 2000;

  private final RepositoryContext context;
  private final String place;
  private final Map<String, VerifyKey> keys = new HashMap<>();
  private final Map<String, VerifyKey> formerKeys = new HashMap<>();
  private final Set<String> read = new HashSet<>();
  private final Map<Long, Instant> verified = new HashMap<>();
  private final List<Attestation.Tip> tips = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private Optional<Instant> last = Optional.empty();

  /**
   * Reads the newest ones until they tell of all packs.
   *
   * @param names of all objects
   * @param packs those that are stored
   */
  Attestations(
      RepositoryContext context,
      CommitLog.View view,
      Collection<String> names,
      Collection<PackRef> packs,
      Verification.Depth depth) {
    this(context);
    view.all(LogRecord.Writer.class)
        .map(writer -> VerifyKey.parse(writer.key()))
        .forEach(
            key -> (view.writers().containsKey(key.id()) ? keys : formerKeys).put(key.id(), key));
    Set<Long> open = new HashSet<>();
    packs.forEach(pack -> open.add(Attestation.prefix(pack.id())));
    read(names, depth, open);
  }

  private Attestations(RepositoryContext context) {
    this.context = context;
    this.place = Attestation.place(context.store().describe());
    VerifyKey admin = context.keyring().admin();
    keys.put(admin.id(), admin);
  }

  /** What the admin key has attested last of where the log ended; it does not go by writers. */
  static Optional<Attestation.Tip> tipByAdmin(RepositoryContext context, Collection<String> names) {
    var attestations = new Attestations(context);
    attestations.read(names, Verification.Depth.L1, new HashSet<>());
    return attestations.tips.stream().findFirst();
  }

  private void read(Collection<String> names, Verification.Depth depth, Set<Long> open) {
    names.stream()
        .filter(name -> name.startsWith(Names.ATTESTATIONS))
        .sorted(Comparator.reverseOrder())
        .limit(MOST_READ)
        .takeWhile(name -> tips.isEmpty() || !open.isEmpty())
        .forEach(name -> add(name, depth, open));
  }

  private void add(String name, Verification.Depth depth, Set<Long> open) {
    Attestation attestation;
    Set<Long> prefixes;
    read.add(name);
    try {
      attestation = read(name, keys);
      prefixes = attestation.prefixes(name);
    } catch (LifeboatException e) {
      warnings.add(ignored(name, e));
      return;
    }
    if (!attestation.place().equals(place)) {
      return;
    }
    tips.add(attestation.tip());
    if (attestation.level().compareTo(depth.name()) >= 0) {
      if (last.isEmpty()) {
        last = Optional.of(attestation.at());
      }
      prefixes.forEach(prefix -> verified.putIfAbsent(prefix, attestation.at()));
      open.removeAll(prefixes);
    }
  }

  /**
   * Looks at the bytes of one that told of nothing new. One by a writer that was removed since does
   * not count, but nothing is wrong with it. Thread-safe.
   *
   * @return what is wrong, a sentence
   */
  Optional<String> look(String name) {
    if (read.contains(name)) {
      return Optional.empty();
    }
    try {
      Map<String, VerifyKey> all = new HashMap<>(formerKeys);
      all.putAll(keys);
      read(name, all).prefixes(name);
      return Optional.empty();
    } catch (LifeboatException e) {
      return Optional.of(ignored(name, e));
    }
  }

  private static String ignored(String name, LifeboatException e) {
    if (e.code().kind() != ErrorCode.Kind.INTEGRITY) {
      throw e;
    }
    String message = String.valueOf(e.getMessage());
    return (message.contains(name) ? message : name + ": " + message) + "; it is ignored";
  }

  private Attestation read(String name, Map<String, VerifyKey> known) {
    SignedText.Parsed text = SignedText.parse(context.store().get(name, ObjectLimits.SIGNED_BYTES));
    VerifyKey key = known.get(text.keyId());
    if (key == null || !text.verify(Attestation.PURPOSE, key)) {
      throw damaged(name, "its signature is not by a registered writer, or it was changed");
    }
    Attestation attestation = Json.read(text.payload(), Attestation.class, name);
    if (!name.equals(Names.ATTESTATIONS + attestation.id())
        || !attestation.repository().equals(context.format().repository())) {
      throw damaged(name, "it is another repository's, or another attestation");
    }
    return attestation;
  }

  private static PermanentException damaged(String name, String why) {
    return new PermanentException(ErrorCode.OBJECT_DAMAGED, name + ": " + why, Hints.VERIFY);
  }

  /** When a pack was last read at the level in question or a higher one. */
  Optional<Instant> verifiedAt(PackId pack) {
    return Optional.ofNullable(verified.get(Attestation.prefix(pack)));
  }

  /** When the last verification at that level was. */
  Optional<Instant> last() {
    return last;
  }

  /** What the log once ended with. */
  List<Attestation.Tip> tips() {
    return List.copyOf(tips);
  }

  /** A sentence for each that is ignored. */
  List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** Keeps one; answers why that was not possible, if so. */
  Optional<String> keep(Attestation attestation) {
    String name = Names.ATTESTATIONS + attestation.id();
    try {
      var body = new Body.Bytes(attestation.sign(context.keyring().signer()));
      context.store().putIfAbsent(name, body);
      return Optional.empty();
    } catch (LifeboatException e) {
      // A reader may have no right to write: what it found stands without it.
      return Optional.of(
          name + " could not be written, so later runs do not know of this one: " + e.getMessage());
    }
  }

  String place() {
    return place;
  }
}
