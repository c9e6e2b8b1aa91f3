package io.lifeboat.repository;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

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
  @JsonSubTypes.Type(value = LogRecord.Evidence.class, name = "evidence")
})
sealed interface LogRecord {
  /**
   * Entry 0, by the admin key: binds the log to its repository and the repository to its format.
   */
  record Genesis(String repository, String formatSha256) implements LogRecord {}

  /** By the admin key: from here on this key's entries count. */
  record Writer(String key, String name) implements LogRecord {}

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
