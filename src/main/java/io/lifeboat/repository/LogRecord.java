package io.lifeboat.repository;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.OptBoolean;
import io.lifeboat.crypto.VerifyKey;
import io.lifeboat.crypto.XWingRecipient;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

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
  @JsonSubTypes.Type(value = LogRecord.WriterRemoved.class, name = "writer-removed"),
  @JsonSubTypes.Type(value = LogRecord.Recipients.class, name = "recipients")
})
sealed interface LogRecord {
  /** The role that a key needs for such an entry; empty if only the admin key may sign it. */
  default Optional<Role> role() {
    return switch (this) {
      case Genesis genesis -> Optional.empty();
      case Writer writer -> Optional.empty();
      case WriterRemoved removed -> Optional.empty();
      case Recipients recipients -> Optional.empty();
      case Domain domain -> Optional.of(Role.WRITE);
      case Snapshot snapshot -> Optional.of(Role.WRITE);
      case Evidence evidence -> Optional.of(Role.WRITE);
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
      roles = java.util.Collections.unmodifiableSet(new TreeSet<>(roles));
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
   */
  record Evidence(String drill, String domain, String summary, String sha256)
      implements LogRecord {}
}
