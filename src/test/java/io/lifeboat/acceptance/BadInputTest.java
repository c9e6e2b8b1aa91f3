package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.restore.FolderTarget;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.s3.EmbeddedS3;
import io.lifeboat.store.s3.S3Store;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is wrong is named, what to do is said, the code is stable, and nothing is left half-made.
 */
@Tag("slow")
class BadInputTest {
  private static final String BUCKET = "backups";
  private static EmbeddedS3 s3;

  @TempDir Path folder;

  @BeforeAll
  static void startServer() throws Exception {
    s3 = EmbeddedS3.inMemory().createBucket(BUCKET);
  }

  @AfterAll
  static void stopServer() throws Exception {
    s3.close();
  }

  // Configuration and usage

  @Test
  void anUnknownKeyIsNamedWithItsLineAndTheKeyThatWasMeant() throws Exception {
    var node =
        new Node(folder)
            .configured(
                """
                repositories:
                  local:
                    store: { type: folder, pathh: store }
                """);
    for (String verb : new String[] {"init", "check", "snapshots", "verify", "server"}) {
      node.refused(verb)
          .is(ErrorCode.CONFIG_INVALID, "config.yml line 3", "repositories.local.store.pathh")
          .hints("path");
    }
    assertThat(folder)
        .isDirectoryContaining("glob:**config.yml")
        .isDirectoryNotContaining("glob:**key*");
  }

  @Test
  void anUnknownKeyAtTheTopIsNamedToo() throws Exception {
    new Node(folder)
        .configured("\nrepositorys: {}\n")
        .refused("check")
        .is(ErrorCode.CONFIG_INVALID, "config.yml line 2", "repositorys")
        .hints("repositories");
  }

  @Test
  void aMissingConfigurationAnUnknownPlanAndAnUnknownVerbAreNamed() throws Exception {
    new Node(folder).refused("check").is(ErrorCode.CONFIG_INVALID, "config.yml");
    new Node(folder).refused("bakcup").is(ErrorCode.USAGE_INVALID, "bakcup");
    Node node = ready();
    node.refused("backup", "nightli").is(ErrorCode.PLAN_UNKNOWN, "nightli").hints("nightly");
    node.refused("restore", "--source", "nothing", "--target", target().toString())
        .is(ErrorCode.SNAPSHOT_UNKNOWN, "nothing");
    node.refused("restore", "--source", "docs", "--snapshot", "x", "--target", target().toString())
        .is(ErrorCode.SNAPSHOT_UNKNOWN, "x");
    node.refused("restore", "--source", "docs", "--path", "no", "--target", target().toString())
        .is(ErrorCode.PATH_UNKNOWN, "no");
    assertThat(target()).doesNotExist();
  }

  @Test
  void aSourceFolderThatIsNotThereIsNamedAndNoSnapshotIsTaken() throws Exception {
    Node node = ready();
    Files.delete(node.path("docs/a.txt"));
    Files.delete(node.path("docs"));
    node.refused("backup", "nightly")
        .is(ErrorCode.SOURCE_PATH_MISSING, node.path("docs").toString());
    assertThat(node.done("snapshots")).hasSize(1);
  }

  // Keys

  @Test
  void withoutTheServiceKeyThereIsNoBackup() throws Exception {
    Node node = ready();
    Files.delete(node.path("service.key"));
    node.refused("backup", "nightly").is(ErrorCode.SERVICE_KEY_MISSING).hints("keys.service");
    Files.delete(node.path("recovery-kit.txt"));
    node.refused("backup", "nightly").is(ErrorCode.SERVICE_KEY_MISSING);
    assertThat(node.path("service.key")).doesNotExist();
  }

  @Test
  void withoutARecoveryIdentityNothingIsRestored() throws Exception {
    Node node = ready();
    String store = "folder:" + node.path("store");
    Path kit = node.path("recovery-kit.txt");
    Path away = Files.move(kit, folder.resolve("elsewhere"));
    String[] restore = {"restore", "--source", "docs", "--target", target().toString()};

    node.refused(restore).is(ErrorCode.RECOVERY_IDENTITY_MISSING).hints("recovery");
    node.refused(with(restore, "--store", store))
        .is(ErrorCode.RECOVERY_IDENTITY_MISSING)
        .hints("--identity");
    node.refused(with(restore, "--store", store, "--identity", kit.toString()))
        .is(ErrorCode.RECOVERY_IDENTITY_MISSING, kit.toString());
    Path wrong = node.path("service.key");
    node.refused(with(restore, "--store", store, "--identity", wrong.toString()))
        .is(ErrorCode.KEY_FILE_INVALID, wrong.toString());
    assertThat(target()).doesNotExist();

    Node other = new Node(folder.resolve("other"));
    makeReady(Node.local(folder.resolve("other")));
    String foreign = other.path("recovery-kit.txt").toString();
    node.refused(with(restore, "--store", store, "--identity", foreign))
        .is(ErrorCode.KEY_MISMATCH, "format");
    assertThat(target()).doesNotExist();

    Files.move(away, kit);
    assertThat(node.done(restore).path("files").asInt()).isEqualTo(1);
  }

  @Test
  void aSecondInitChangesNothing() throws Exception {
    Node node = ready();
    byte[] key = Files.readAllBytes(node.path("service.key"));
    node.refused("init").is(ErrorCode.REPOSITORY_EXISTS);
    assertThat(node.path("service.key")).hasBinaryContent(key);
  }

  // Restores

  @Test
  void aTargetThatIsNotEmptyStaysAsItIs() throws Exception {
    Node node = ready();
    Files.createDirectories(target());
    Path mine = Files.writeString(target().resolve("mine"), "untouched");
    node.refused("restore", "--source", "docs", "--target", target().toString())
        .is(ErrorCode.TARGET_NOT_EMPTY, target().toString());
    assertThat(target()).isDirectoryContaining(mine::equals);
    assertThat(target().toFile().list()).containsExactly("mine");
    assertThat(mine).hasContent("untouched");
  }

  @Test
  void aTargetThatIsAFileStaysAsItIs() throws Exception {
    Node node = ready();
    Path file = Files.writeString(node.path("file"), "untouched");
    for (String target : new String[] {file.toString(), file.resolve("below").toString()}) {
      for (String how : new String[] {"--dry-run", "--delta", "--no-owner"}) {
        node.refused("restore", "--source", "docs", "--target", target, how)
            .is(ErrorCode.TARGET_NOT_EMPTY, file + " is not a folder");
      }
    }
    assertThat(file).hasContent("untouched");
  }

  /** Nothing but a name: whoever mistypes it must not lose the only copy. */
  @Test
  void aTargetThatMeetsBackupsOrKeysIsRefusedHoweverTheRepositoryIsNamed() throws Exception {
    Node node = ready();
    List<Path> objects = node.objects();
    Files.createSymbolicLink(node.path("link"), node.path("store"));
    String[] byConfiguration = {"--source", "docs"};
    String[] byStore = {
      "--store",
      "folder:" + node.path("store"),
      "--identity",
      node.path("recovery-kit.txt").toString(),
      "--source",
      "docs"
    };
    for (String[] repository : new String[][] {byConfiguration, byStore}) {
      for (String target :
          new String[] {"", "store", "store/new", "link/new", "recovery-kit.txt"}) {
        String place = node.path(target).toString();
        node.refused(joined(repository, "restore", "--target", place))
            .is(ErrorCode.TARGET_IS_SOURCE, place);
        node.refused(joined(repository, "restore", "--delta", "--delete", "--target", place))
            .is(ErrorCode.TARGET_IS_SOURCE, place);
      }
      node.refused(joined(repository, "dump", "--tar", node.path("link/x.tar").toString()))
          .is(ErrorCode.TARGET_IS_SOURCE);
    }
    assertThat(node.objects()).isEqualTo(objects);
    assertThat(node.path("recovery-kit.txt")).exists();
    node.done("restore", "--source", "docs", "--delta", "--target", node.path("docs").toString());
  }

  private static String[] joined(String[] last, String... first) {
    return Stream.concat(Stream.of(first), Stream.of(last)).toArray(String[]::new);
  }

  // The store

  @Test
  void aWrongBucketIsNamed() throws Exception {
    refusedInit(s3Config("no-such-bucket", EmbeddedS3.ACCESS_KEY, EmbeddedS3.SECRET_KEY))
        .is(ErrorCode.BUCKET_MISSING, "no-such-bucket", s3.endpoint().toString())
        .hints("no-such-bucket", "store.bucket");
  }

  @Test
  void aWrongAccessKeyIsNamedAndShownNowhere() throws Exception {
    Node.Failure failure = refusedInit(s3Config(BUCKET, "SOMEBODY-ELSE", EmbeddedS3.SECRET_KEY));
    failure.is(ErrorCode.STORE_DENIED, BUCKET).hints("store.accessKey");
    assertThat(failure.whole()).doesNotContain(EmbeddedS3.SECRET_KEY);
  }

  @Test
  void aWrongSecretKeyIsNamedAndShownNowhere() throws Exception {
    Node.Failure failure = refusedInit(s3Config(BUCKET, EmbeddedS3.ACCESS_KEY, "swordfish"));
    failure.is(ErrorCode.STORE_DENIED, BUCKET).hints("store.secretKey");
    assertThat(failure.whole()).doesNotContain("swordfish");
  }

  @Test
  void whereNobodyListensTheAddressIsNamed() throws Exception {
    int port = freePort();
    String config =
        s3Config(BUCKET, EmbeddedS3.ACCESS_KEY, EmbeddedS3.SECRET_KEY)
            .replace(s3.endpoint().toString(), "http://127.0.0.1:" + port);
    refusedInit(config)
        .is(ErrorCode.STORE_UNREACHABLE, "127.0.0.1:" + port)
        .hints("store.endpoint");
  }

  @Test
  void aBucketWithoutARepositoryIsNamed() throws Exception {
    Node node = ready();
    node.configured(
        Files.readString(node.path("config.yml")).replace("path: store", "path: other"));
    node.refused("backup", "nightly").is(ErrorCode.REPOSITORY_MISSING, "other").hints("init");
  }

  @Test
  void aStoreThatIgnoresConditionalPutsIsRefusedAtInitWithTheReason() throws Exception {
    try (var deaf = new DeafS3()) {
      String config =
          s3Config(BUCKET, "key", "secret")
              .replace(s3.endpoint().toString(), deaf.endpoint().toString());
      refusedInit(config)
          .is(ErrorCode.STORE_UNSAFE, "ignores conditional writes", BUCKET)
          .hints("If-None-Match");
      assertThat(deaf.objects()).isEmpty();
    }
  }

  // Disks

  @Test
  void aSpoolThatIsFullEndsABackupThatIsNotListed() throws Exception {
    Node node = ready();
    Files.write(node.path("docs/large"), random(8 << 20));
    try (var disk = SmallDisk.mount(node.path("var"), 1024)) {
      node.refused("backup", "nightly")
          .is(ErrorCode.DISK_FULL, disk.folder().toString())
          .hints("workFolder");
      assertThat(disk.folder().resolve("spool")).isEmptyDirectory();
      assertThat(node.done("snapshots")).hasSize(1);
    }
    assertThat(node.done("backup", "nightly").path("filesTotal").asInt()).isEqualTo(2);
    assertThat(node.done("verify", "--level", "L2").path("verdict").asText()).isEqualTo("PASS");
  }

  @Test
  void aStoreThatIsFullEndsABackupThatIsNotListed() throws Exception {
    try (var disk = SmallDisk.mount(folder.resolve("disk"), 2048)) {
      Node node = Node.local(folder.resolve("node"));
      node.configured(
          Files.readString(node.path("config.yml"))
              .replace("path: store", "path: " + disk.folder().resolve("store")));
      makeReady(node);
      Files.write(node.path("docs/large"), random(8 << 20));
      node.refused("backup", "nightly").is(ErrorCode.DISK_FULL, disk.folder().toString());
      assertThat(node.done("snapshots")).hasSize(1);
      assertThat(node.done("verify", "--level", "L2").path("verdict").asText()).isEqualTo("PASS");
      Files.delete(node.path("docs/large"));
      node.done("backup", "nightly");
    }
  }

  @Test
  void aTargetThatIsFullIsMarkedAsUnfinished() throws Exception {
    Node node = ready();
    Files.write(node.path("docs/large"), random(8 << 20));
    node.done("backup", "nightly");
    try (var disk = SmallDisk.mount(folder.resolve("disk"), 1024)) {
      Path target = disk.folder().resolve("target");
      node.refused("restore", "--source", "docs", "--target", target.toString())
          .is(ErrorCode.DISK_FULL, target.toString())
          .hints("unfinished");
      assertThat(target.resolve(FolderTarget.UNFINISHED)).exists();
    }
  }

  // The same from outside

  @Test
  void aProcessTellsTheSameByItsExitStatusAndOnStandardErrorOnly() throws Exception {
    Node node = ready();
    var ended =
        LifeboatProcess.run(folder, Map.of(), "backup", "nope", "--json", "--config", "config.yml");
    Node.failure(ended.status(), ended.out(), ended.err()).is(ErrorCode.PLAN_UNKNOWN, "nope");

    Files.createDirectories(target());
    Files.writeString(target().resolve("mine"), "untouched");
    var words =
        LifeboatProcess.run(
            node.path(""),
            Map.of(),
            "restore",
            "--source",
            "docs",
            "--target",
            target().toString());
    assertThat(words.status()).isEqualTo(4);
    assertThat(words.out()).isEmpty();
    assertThat(words.err().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("error TARGET_NOT_EMPTY: ").contains("target"),
            line -> assertThat(line).startsWith("  what to do: "),
            line -> assertThat(line).startsWith("  runbook: "));
  }

  private Path target() {
    return folder.resolve("target");
  }

  /** A node with one snapshot of one file. */
  private Node ready() throws IOException {
    return makeReady(Node.local(folder));
  }

  private static Node makeReady(Node node) throws IOException {
    Files.writeString(node.path("docs/a.txt"), "a");
    node.done("init");
    node.done("backup", "nightly");
    return node;
  }

  /** An init that must fail and must leave neither keys nor objects. */
  private Node.Failure refusedInit(String config) throws Exception {
    Node node = new Node(folder).configured(config);
    Node.Failure failure = node.refused("init");
    assertThat(folder.toFile().list()).containsExactly("config.yml");
    try (ObjectStore store = new S3Store(s3.settings(BUCKET, ""))) {
      assertThat(store.list("")).isEmpty();
    }
    return failure;
  }

  private static String s3Config(String bucket, String accessKey, String secretKey) {
    return """
    repositories:
      primary:
        store: { type: s3, endpoint: "%s", region: us-east-1, bucket: %s, pathStyle: true,
                 accessKey: %s, secretKey: %s }
    """
        .formatted(s3.endpoint(), bucket, accessKey, secretKey);
  }

  private static byte[] random(int bytes) {
    byte[] random = new byte[bytes];
    new Random(20261123).nextBytes(random);
    return random;
  }

  private static String[] with(String[] arguments, String... more) {
    var all = new java.util.ArrayList<>(java.util.List.of(arguments));
    all.addAll(java.util.List.of(more));
    return all.toArray(String[]::new);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
