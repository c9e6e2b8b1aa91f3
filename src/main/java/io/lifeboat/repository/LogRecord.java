package io.lifeboat.repository;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.OptBoolean;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.crypto.XWingRecipient;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What an entry of the commit log says. All byte strings are lower-case hexadecimal, all sealed
 * ones Base64.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = LogRecord.Genesis.class, name = "genesis"),
  @JsonSubTypes.Type(value = LogRecord.Writer.class, name = "writer"),
  @JsonSubTypes.Type(value = LogRecord.Domain.class, name = "domain"),
  @JsonSubTypes.Type(value = LogRecord.Snapshot.class, name = "snapshot"),
  @JsonSubTypes.Type(value = LogRecord.Evidence.class, name = "evidence"),
  @JsonSubTypes.Type(value = LogRecord.Hold.class, name = "hold"),
  @JsonSubTypes.Type(value = LogRecord.Release.class, name = "release"),
  @JsonSubTypes.Type(value = LogRecord.Forget.class, name = "forget"),
  @JsonSubTypes.Type(value = LogRecord.Condemn.class, name = "condemn"),
  @JsonSubTypes.Type(value = LogRecord.Sweep.class, name = "sweep"),
  @JsonSubTypes.Type(value = LogRecord.Relocate.class, name = "relocate"),
  @JsonSubTypes.Type(value = LogRecord.WriterRemoved.class, name = "writer-removed"),
  @JsonSubTypes.Type(value = LogRecord.Recipients.class, name = "recipients"),
  @JsonSubTypes.Type(value = LogRecord.Repaired.class, name = "repaired"),
  @JsonSubTypes.Type(value = LogRecord.Voided.class, name = "voided")
})
sealed interface LogRecord {
  /** The role that a key needs for such an entry; empty if only the admin key may sign it. */
  default Optional<Role> role() {
    return switch (this) {
      case Genesis genesis -> Optional.empty();
      case Writer writer -> Optional.empty();
      case WriterRemoved removed -> Optional.empty();
      case Recipients recipients -> Optional.empty();
      case Repaired repaired -> Optional.empty();
      case Voided voided -> Optional.empty();
      case Domain domain -> Optional.of(Role.WRITE);
      case Snapshot snapshot -> Optional.of(Role.WRITE);
      case Evidence evidence -> Optional.of(Role.WRITE);
      case Hold hold -> Optional.of(Role.MAINTAIN);
      case Release release -> Optional.of(Role.MAINTAIN);
      case Forget forget -> Optional.of(Role.MAINTAIN);
      case Condemn condemn -> Optional.of(Role.MAINTAIN);
      case Sweep sweep -> Optional.of(Role.MAINTAIN);
      case Relocate relocate -> Optional.of(Role.MAINTAIN);
    };
  }

  /**
   * Entry 0, by the admin key: binds the log to its repository and the repository to its format.
   */
  record Genesis(String repository, String formatSha256) implements LogRecord {}

  /**
   * By the admin key: from here on this key's entries count, those that its roles allow. A later
   * entry about the same key holds in place of this one.
   *
   * @param key a public half
   * @param name for people
   * @param roles at least one; entries of before there were roles have none, and mean all
   */
  record Writer(
      String key,
      String name,
      @JacksonInject(value = Writer.ALL_ROLES, useInput = OptBoolean.TRUE) Set<Role> roles)
      implements LogRecord {
    /** The name that {@link Json} knows the roles of a missing key by. */
    static final String ALL_ROLES = "all roles";

    public Writer {
      roles = Collections.unmodifiableSet(new TreeSet<>(roles));
      if (roles.isEmpty()) {
        throw new IllegalArgumentException("a writer has at least one role");
      }
      VerifyKey.parse(key);
    }
  }

  /**
   * By the admin key: entries of this key that come later do not count, unless it is registered
   * again.
   *
   * @param writer the key's id
   */
  record WriterRemoved(String writer) implements LogRecord {}

  /**
   * By the admin key: from here on, what is sealed is sealed to these, and to nobody else.
   *
   * @param recovery who can read: age recipients, at least one, none twice
   * @param maintenance who can read footers and reference lists
   */
  record Recipients(List<String> recovery, List<String> maintenance) implements LogRecord {
    public Recipients {
      recovery = List.copyOf(recovery);
      maintenance = List.copyOf(maintenance);
      if (recovery.isEmpty()) {
        throw new IllegalArgumentException("somebody must be able to read");
      }
      List<String> all =
          java.util.stream.Stream.concat(recovery.stream(), maintenance.stream()).toList();
      if (Set.copyOf(all).size() != all.size()) {
        throw new IllegalArgumentException("a recipient is named twice");
      }
      all.forEach(XWingRecipient::parse);
    }
  }

  /**
   * A deduplication domain begins.
   *
   * @param key an age file of the domain key, for the recovery recipients
   * @param summaryKey an age file of the key of summaries, for the recovery and maintenance
   *     recipients
   */
  record Domain(String domain, String key, String summaryKey) implements LogRecord {}

  /**
   * A backup is complete: everything it needs is durable.
   *
   * @param summary {@link SnapshotInfo} without proof, sealed under the domain's summary key
   * @param packs the metadata packs with the root record and the reference list
   * @param root the chunk of the root record
   * @param references the chunks of the reference list, in order
   */
  record Snapshot(
      String snapshot,
      String domain,
      String session,
      String summary,
      List<StoredPack> packs,
      String root,
      List<String> references)
      implements LogRecord {
    public Snapshot {
      packs = List.copyOf(packs);
      references = List.copyOf(references);
    }

    /** A metadata pack and its size. */
    record StoredPack(String id, long sizeBytes) {}
  }

  /**
   * A drill is complete.
   *
   * @param summary {@link DrillSummary}, sealed under the domain's summary key
   * @param sha256 of the sealed evidence object
   * @param number one more than that of the evidence before it; entries of before evidence was a
   *     chain have none, which is 0 here
   * @param document SHA-256 of the signed document, which the next one names; empty without a
   *     number
   */
  record Evidence(
      String drill,
      String domain,
      String summary,
      String sha256,
      @JacksonInject(value = Evidence.NO_NUMBER, useInput = OptBoolean.TRUE) long number,
      @JacksonInject(value = Evidence.NO_DOCUMENT, useInput = OptBoolean.TRUE) String document)
      implements LogRecord {
    /** The names that {@link Json} knows what older entries lack by. */
    static final String NO_NUMBER = "no number";

    static final String NO_DOCUMENT = "no document";

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    public Evidence {
      boolean chained = number > 0 && SHA256.matcher(document).matches();
      boolean older = number == 0 && document.isEmpty();
      if (!chained && !older) {
        throw new IllegalArgumentException("no evidence has number " + number + " " + document);
      }
    }

    boolean isChained() {
      return number > 0;
    }
  }

  /**
   * By the admin key: stands where an entry was lost.
   *
   * @param next SHA-256 of the object behind it, which does not name this one; empty if that does
   * @param writers public halves of keys whose entries count from here on, unless an entry before
   *     says what they may do
   * @param roles of these keys; entries of before there were roles here have none, and mean all
   */
  record Repaired(
      String next,
      List<String> writers,
      @JacksonInject(value = Writer.ALL_ROLES, useInput = OptBoolean.TRUE) Set<Role> roles)
      implements LogRecord {
    public Repaired {
      writers = List.copyOf(writers);
      writers.forEach(VerifyKey::parse);
      roles = Collections.unmodifiableSet(new TreeSet<>(roles));
    }
  }

  /**
   * By the admin key: an object before this one is no entry, and nothing was lost by it. Says
   * nothing about an entry that counts, nor about an object with another hash.
   *
   * @param entry its number
   * @param sha256 of the object
   */
  record Voided(long entry, String sha256) implements LogRecord {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    public Voided {
      if (entry < 0 || !HASH.matcher(sha256).matches()) {
        throw new IllegalArgumentException("no object has number " + entry + " and " + sha256);
      }
    }
  }

  /** From here on a snapshot is not forgotten, whatever retention says. */
  record Hold(String snapshot, String because) implements LogRecord {}

  /** From here on retention decides about a snapshot again. */
  record Release(String snapshot) implements LogRecord {}

  /** From here on these snapshots are not part of the repository any more. */
  record Forget(List<String> snapshots) implements LogRecord {
    public Forget {
      snapshots = List.copyOf(snapshots);
    }
  }

  /**
   * No snapshot before this entry needs these packs: from here on writers treat them as absent, and
   * after a while they are swept.
   */
  record Condemn(List<CondemnedPack> packs) implements LogRecord {
    public Condemn {
      packs = List.copyOf(packs);
    }
  }

  /**
   * A pack that nobody needs.
   *
   * @param kind {@code d} or {@code m}
   */
  record CondemnedPack(String kind, String id, long sizeBytes) {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

    public CondemnedPack {
      boolean sensible = (kind.equals("d") || kind.equals("m")) && sizeBytes > 0;
      if (!sensible || !ID.matcher(id).matches()) {
        throw new IllegalArgumentException("not a pack: " + kind + " " + id + " " + sizeBytes);
      }
    }
  }

  /**
   * No snapshot before this entry needs these packs, and none after it may: they can be deleted.
   * What was condemned and is not named here is taken back.
   *
   * @param condemned number of the entry that condemned them
   * @param packs ids
   */
  record Sweep(long condemned, List<String> packs) implements LogRecord {
    public Sweep {
      packs = List.copyOf(packs);
    }
  }

  /** Chunks were copied, sealed as they are, from packs that were mostly dead into a new one. */
  record Relocate(CondemnedPack to, List<Move> moves) implements LogRecord {
    public Relocate {
      moves = List.copyOf(moves);
    }
  }

  /**
   * What of one pack was copied.
   *
   * @param from the pack's kind and id
   * @param ordinals Base64 of a bit for each copied chunk, lowest bit of the first byte first
   * @param first the ordinal in the new pack of the first of them; the others follow in order
   */
  record Move(CondemnedPack from, String ordinals, int first) {
    private static final int MOST_CHUNKS = 1 << 24;

    public Move {
      SealedText.decode(ordinals, "a relocate entry");
      if (first < 0 || first > MOST_CHUNKS) {
        throw new IllegalArgumentException("no pack has an ordinal " + first);
      }
    }
  }
}
