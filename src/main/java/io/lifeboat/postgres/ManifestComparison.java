package io.lifeboat.postgres;

import io.lifeboat.postgres.BackupManifest.Entry;
import io.lifeboat.postgres.BackupManifest.WalRange;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Holds the files of a backup against its manifest. */
final class ManifestComparison {
  private static final String WAL_FOLDER = "pg_wal";
  private static final int SMALLEST_SEGMENT_BYTES = 1 << 20;
  private static final int LARGEST_SEGMENT_BYTES = 1 << 30;

  private final BackupManifest manifest;
  private final Map<BaseBackupPath, FileFacts> found;

  ManifestComparison(BackupManifest manifest, Map<BaseBackupPath, FileFacts> found) {
    this.manifest = manifest;
    this.found = found;
  }

  List<String> problems() {
    var problems = new ArrayList<String>();
    manifest.files().forEach((path, entry) -> compare(path, entry, problems));
    for (BaseBackupPath path : found.keySet()) {
      // The server lists no WAL segment, because it cannot know them when it starts.
      if (!manifest.files().containsKey(path) && !path.isBelow(WAL_FOLDER)) {
        problems.add(path + " is not in the manifest");
      }
    }
    manifest.walRanges().forEach(range -> findWal(range, problems));
    if (manifest.walRanges().isEmpty()) {
      problems.add("the manifest names no WAL");
    }
    return problems;
  }

  private void compare(BaseBackupPath path, Entry entry, List<String> problems) {
    FileFacts facts = found.get(path);
    if (facts == null) {
      problems.add(path + " is missing");
    } else if (facts.sizeBytes() != entry.sizeBytes()) {
      problems.add(path + " has " + facts.sizeBytes() + " bytes, not " + entry.sizeBytes());
    } else if (entry.sha256().isPresent()
        && !MessageDigest.isEqual(facts.sha256(), entry.sha256().get())) {
      problems.add(path + " has other contents than the server sent");
    }
  }

  /**
   * All segments of a range must be there. As the server itself does, a segment of a later timeline
   * is taken for the earlier one's: after a switch in the middle, only that one is sent.
   */
  private void findWal(WalRange range, List<String> problems) {
    Set<Long> segments = new HashSet<>();
    long segmentBytes = 0;
    for (Map.Entry<BaseBackupPath, FileFacts> file : found.entrySet()) {
      if (!isSegment(file.getKey())) {
        continue;
      }
      long sizeBytes = file.getValue().sizeBytes();
      if (Long.bitCount(sizeBytes) != 1
          || sizeBytes < SMALLEST_SEGMENT_BYTES
          || sizeBytes > LARGEST_SEGMENT_BYTES
          || (segmentBytes != 0 && sizeBytes != segmentBytes)) {
        problems.add(file.getKey() + " has " + sizeBytes + " bytes: not a whole WAL segment");
        return;
      }
      segmentBytes = sizeBytes;
      segments.add(number(file.getKey().name().toString(), segmentBytes));
    }
    if (segmentBytes == 0) {
      problems.add("no WAL is there");
      return;
    }
    long last = range.end().lastSegment(segmentBytes);
    for (long segment = range.start().segment(segmentBytes); segment <= last; segment++) {
      if (!segments.contains(segment)) {
        problems.add(
            "WAL segment " + name(range.timeline(), segment, segmentBytes) + " is missing");
      }
    }
  }

  private static boolean isSegment(BaseBackupPath path) {
    return path.isBelow(WAL_FOLDER)
        && path.components().size() == 2
        && path.name().toString().matches("[0-9A-F]{24}");
  }

  /** A name is {@code timeline || high || low}, eight digits each; low counts within 4 GiB. */
  private static long number(String name, long segmentBytes) {
    long high = Long.parseLong(name, 8, 16, 16);
    long low = Long.parseLong(name, 16, 24, 16);
    return high * ((1L << 32) / segmentBytes) + low;
  }

  private static String name(int timeline, long segment, long segmentBytes) {
    long perHigh = (1L << 32) / segmentBytes;
    return String.format(
        Locale.ROOT, "%08X%08X%08X", timeline, segment / perHigh, segment % perHigh);
  }
}
