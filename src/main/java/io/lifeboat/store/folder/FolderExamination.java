package io.lifeboat.store.folder;

import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.probe.Capability;
import io.lifeboat.store.probe.Examination;
import io.lifeboat.store.probe.Traces;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What only a folder can be asked: syncing, permissions, space, the kind of its file system. */
public final class FolderExamination implements Examination {
  private static final long LITTLE_BYTES = 10L << 30;
  private static final Set<String> NETWORK =
      Set.of("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ceph", "9p", "fuse.sshfs");
  private static final Set<String> FLEETING = Set.of("tmpfs", "ramfs");

  private final Path root;

  /** Of the store in this folder. */
  public FolderExamination(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  @Override
  public List<Capability> run(ObjectStore store, Traces traces) {
    return List.of(syncing(), fileSystem(), space(), permissions(), locks());
  }

  private Capability syncing() {
    String name = "files and folders are synced";
    try (var folder = FileChannel.open(root, StandardOpenOption.READ)) {
      folder.force(true);
      return Capability.required(
          name,
          true,
          "The file system takes fsync. Whether the disk's own cache obeys cannot be seen from"
              + " here.");
    } catch (IOException e) {
      return Capability.required(
          name,
          false,
          "fsync fails (" + e.getMessage() + "): a backup could vanish with the next power cut.");
    }
  }

  private Capability fileSystem() {
    String name = "local, lasting file system";
    try {
      String type = Files.getFileStore(root).type().toLowerCase(Locale.ROOT);
      boolean fleeting = FLEETING.contains(type);
      boolean network = NETWORK.contains(type);
      String consequence =
          fleeting
              ? "is in memory: backups are gone with the next start of this machine."
              : network
                  ? "is reached over a network: mount it hard, and let all nodes use the same"
                      + " server."
                  : "is neither remote nor in memory, going by its name.";
      return Capability.told(name, !fleeting && !network, type + " " + consequence);
    } catch (IOException e) {
      return Capability.unknown(name, "The system does not tell: " + e.getMessage());
    }
  }

  private Capability space() {
    String name = "free space";
    try {
      long free = Files.getFileStore(root).getUsableSpace();
      return Capability.told(
          name,
          free >= LITTLE_BYTES,
          (free >> 20)
              + " MiB are free; a full folder fails a backup, and harms none that is there.");
    } catch (IOException e) {
      return Capability.unknown(name, "The system does not tell: " + e.getMessage());
    }
  }

  private Capability permissions() {
    String name = "closed to other users";
    try {
      var seen = Files.readAttributes(root, PosixFileAttributes.class);
      boolean open =
          seen.permissions().contains(PosixFilePermission.OTHERS_WRITE)
              || seen.permissions().contains(PosixFilePermission.GROUP_WRITE);
      return Capability.told(
          name,
          !open,
          "The folder is "
              + seen.owner().getName()
              + "'s; "
              + (open
                  ? "others may write to it, and so remove backups: chmod go-w."
                  : "only that user and root can remove backups."));
    } catch (IOException | UnsupportedOperationException e) {
      return Capability.unknown(name, "The file system does not tell.");
    }
  }

  private static Capability locks() {
    return Capability.told(
        "object lock",
        false,
        "A folder has none: who takes this machine can destroy the backups in it. Keep a second"
            + " copy in a bucket with object lock, or on a medium that is taken away.");
  }
}
