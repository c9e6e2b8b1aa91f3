package io.lifeboat.drill.scratch;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;

/**
 * One scratch in the ledger: everything that must be gone before it may be struck out.
 *
 * @param id the scratch's name: letters, digits, hyphens
 * @param owner the {@link Owner#token} of the process that made it
 * @param container the container's name, or none for a scratch of folders and processes only
 * @param folders absolute paths that belong to the scratch alone; processes that work inside them
 *     do too
 * @param expiresAt when it counts as left behind even though its owner lives, in ISO-8601
 */
record LedgerEntry(
    @JsonProperty("id") String id,
    @JsonProperty("owner") String owner,
    @JsonProperty("container") List<String> container,
    @JsonProperty("folders") List<String> folders,
    @JsonProperty("expiresAt") String expiresAt) {
  LedgerEntry {
    if (!id.matches("[A-Za-z0-9-]{1,80}")) {
      throw new IllegalArgumentException("not the id of a scratch: " + id);
    }
    container = List.copyOf(container);
    folders = List.copyOf(folders);
  }

  boolean isExpired(Instant now) {
    return Instant.parse(expiresAt).isBefore(now);
  }

  LedgerEntry expiringAt(Instant instant) {
    return new LedgerEntry(id, owner, container, folders, instant.toString());
  }
}
