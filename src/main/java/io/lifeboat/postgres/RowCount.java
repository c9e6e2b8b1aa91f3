package io.lifeboat.postgres;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** How many rows a table has at the end of a backup, as far as that can be told. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
@JsonSubTypes({
  @JsonSubTypes.Type(value = RowCount.Exact.class, name = "exact"),
  @JsonSubTypes.Type(value = RowCount.Between.class, name = "between"),
  @JsonSubTypes.Type(value = RowCount.NotCounted.class, name = "not-counted")
})
public sealed interface RowCount {
  /** As many before the backup as after it, and nobody touched them meanwhile. */
  record Exact(long rows) implements RowCount {}

  /** Rows were only added, or only removed, meanwhile; both bounds are inclusive. */
  record Between(long low, long high) implements RowCount {}

  /**
   * Nothing is known.
   *
   * @param reason completes "it was not counted because …"
   */
  record NotCounted(String reason) implements RowCount {}

  /** Bounds, which may be one number. */
  static RowCount between(long low, long high) {
    return low == high ? new Exact(low) : new Between(low, high);
  }
}
