package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.config.Secret;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Attributes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of servers that are encrypted, silent for a while, or standbys. */
@Tag("slow")
class ConditionsTest {
  private static final char[] STORE_PASSWORD = "changeit".toCharArray();

  @TempDir Path folder;

  @Test
  void anEncryptedServerThatPausesIsBackedUpWhole() throws Exception {
    try (EmbeddedCluster source = EmbeddedCluster.create(EmbeddedPrograms.unpacked(), folder)) {
      Path certificate = writeCertificate(source.data());
      Files.writeString(
          source.data().resolve("pg_hba.conf"),
          """
          hostssl all         tls      127.0.0.1/32 scram-sha-256
          hostssl replication tls      127.0.0.1/32 scram-sha-256
          host    all         postgres 127.0.0.1/32 trust
          """);
      source.start(Map.of("ssl", "on"));
      source.sql("CREATE ROLE tls LOGIN REPLICATION PASSWORD 'secret'");
      PostgresAddress address =
          PostgresAddress.parse(
              "postgresql://tls@"
                  + source.superuser().place()
                  + "/postgres?sslmode=verify-full&sslrootcert="
                  + certificate,
              Optional.of(new Secret("secret")));

      var consumer = new FolderConsumer(folder.resolve("copy"));
      var pausing = new PausingProgress(source);
      BaseBackupResult result =
          new BaseBackup(new PostgresServer(address)).run("tls", consumer, pausing);

      BackupManifest.parse(result.manifest()).verify(consumer.facts);
      assertThat(pausing.glances).as("looks up during the silence").isGreaterThan(1);
    }
  }

  @Test
  void aBackupOfAStandbyStartsAndHasWhatThePrimaryWrote() throws Exception {
    PostgresPrograms programs = EmbeddedPrograms.unpacked();
    try (EmbeddedCluster primary = EmbeddedCluster.create(programs, folder)) {
      primary.start(Map.of());
      primary.sql("CREATE TABLE t AS SELECT generate_series(1, 1000) n");
      var first = new FolderConsumer(folder.resolve("standby"));
      new BaseBackup(new PostgresServer(primary.superuser()))
          .run("for a standby", first, Progress.none());
      Files.createFile(first.data().resolve("standby.signal"));
      new RestoredCluster(first.data()).prepare(Map.of());
      try (EmbeddedCluster standby = EmbeddedCluster.existing(programs, first.data())) {
        standby.start(
            Map.of("primary_conninfo", "host=127.0.0.1 port=" + port(primary) + " user=postgres"));
        primary.sql("INSERT INTO t SELECT generate_series(1001, 1500) n", "CHECKPOINT");
        String written = primary.ask("SELECT pg_current_wal_lsn()");
        await(standby, "SELECT pg_last_wal_replay_lsn() >= '" + written + "'::pg_lsn");

        var warnings = new ArrayList<String>();
        var server = new PostgresServer(standby.superuser());
        assertThat(new Canary(server).write("b", warnings::add)).isEmpty();
        assertThat(warnings).singleElement().asString().contains("standby");
        ClusterFacts facts = new ClusterInspection(server).run();
        var second = new FolderConsumer(folder.resolve("copy"));
        BaseBackupResult result =
            new BaseBackup(server).run("of a standby", second, Progress.none());
        BackupManifest.parse(result.manifest()).verify(second.facts);
        assertThat(facts.with(result).capture()).isPresent();

        var promoting =
            new DrainingConsumer() {
              private boolean promoted;

              @Override
              public void file(BaseBackupPath path, Attributes a, long size, InputStream content)
                  throws IOException {
                if (!promoted) {
                  promoted = true;
                  assertThat(standby.ask("SELECT pg_promote()")).isEqualTo("t");
                }
                super.file(path, a, size, content);
              }
            };
        assertThatThrownBy(
                () -> new BaseBackup(server).run("of a standby", promoting, Progress.none()))
            .isInstanceOfSatisfying(
                LifeboatException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.BASE_BACKUP_FAILED))
            .hasMessageContaining("promoted");

        Files.deleteIfExists(second.data().resolve("standby.signal"));
        var restored = new RestoredCluster(second.data());
        restored.prepare(Map.of());
        restored.forgetAlterSystem();
        try (EmbeddedCluster copy = EmbeddedCluster.existing(programs, second.data())) {
          copy.start(Map.of());
          assertThat(copy.ask("SELECT count(*) FROM t")).isEqualTo("1500");
          assertThat(copy.ask("SELECT pg_is_in_recovery()")).isEqualTo("f");
        }
      }
    }
  }

  private static int port(EmbeddedCluster cluster) {
    return cluster.superuser().port();
  }

  private static void await(EmbeddedCluster cluster, String condition) {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!cluster.ask(condition).equals("t")) {
      assertThat(System.nanoTime()).as(condition).isLessThan(deadlineNanos);
    }
  }

  /** A key and a certificate of its own for 127.0.0.1, as PostgreSQL reads them. */
  private Path writeCertificate(Path data) throws Exception {
    Path store = folder.resolve("tls.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "tls",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "SAN=IP:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(STORE_PASSWORD),
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, STORE_PASSWORD);
    }
    Certificate certificate = keys.getCertificate("tls");
    Path key = data.resolve("server.key");
    writePem(key, "PRIVATE KEY", keys.getKey("tls", STORE_PASSWORD).getEncoded());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    return writePem(data.resolve("server.crt"), "CERTIFICATE", certificate.getEncoded());
  }

  private static Path writePem(Path file, String kind, byte[] bytes) throws IOException {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(bytes);
    return Files.writeString(
        file, "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n");
  }

  /** Holds the walsender's process still as the backup begins, until it was looked for twice. */
  private static final class PausingProgress implements Progress {
    private final EmbeddedCluster server;
    private List<String> paused = List.of();
    private int glances;

    PausingProgress(EmbeddedCluster server) {
      this.server = server;
    }

    @Override
    public void phase(String name) {
      if (name.equals("checkpoint")) {
        paused =
            List.of(
                server.ask("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walsender'"));
        kill("-STOP");
      }
    }

    @Override
    public void expect(long bytes) {}

    @Override
    public void advance(long bytes, long items) {}

    @Override
    public void event(String sentence) {}

    @Override
    public void checkCancelled() {
      glances++;
      if (glances == 2) {
        kill("-CONT");
      }
    }

    private void kill(String signal) {
      try {
        EmbeddedCluster.run("kill", signal, paused.getFirst());
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }
}
