package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.PermanentException;
import io.lifeboat.wal.PushSocket;
import io.lifeboat.wal.push.PushAnswer;
import io.lifeboat.wal.push.PushRequest;
import java.io.ByteArrayOutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code archive_command} runs, against the socket of a service. */
@Tag("slow")
class PushSocketTest {
  private static final String NAME = "000000010000000000000002";

  @TempDir Path folder;
  private InstalledLifeboat installed;
  private Path socket;
  private Path file;
  private final byte[] bytes = new byte[3 << 20];
  private final List<Got> got = new CopyOnWriteArrayList<>();
  private volatile PushAnswer answer = PushAnswer.taken("");

  private record Got(PushRequest request, byte[] bytes) {}

  @BeforeEach
  void install() throws Exception {
    installed = InstalledLifeboat.in(folder.resolve("installed"));
    socket = folder.resolve("run/push/socket");
    file = folder.resolve(NAME);
    new Random(7).nextBytes(bytes);
    Files.write(file, bytes);
  }

  private PushSocket listen(Optional<String> group) {
    return PushSocket.listen(socket, group, this::take);
  }

  private PushAnswer take(PushRequest request, ReadableByteChannel from)
      throws java.io.IOException {
    if (answer.outcome() == PushAnswer.Outcome.REFUSED) {
      return answer; // before anything of the file was read
    }
    var all = new ByteArrayOutputStream();
    ByteBuffer some = ByteBuffer.allocate(100_000);
    while (from.read(some.clear()) >= 0) {
      all.write(some.array(), 0, some.position());
    }
    got.add(new Got(request, all.toByteArray()));
    return answer;
  }

  private InstalledLifeboat.Ended push(String... more) throws Exception {
    var arguments =
        new java.util.ArrayList<>(
            List.of("wal-push", "--plan", "shop", "--socket", socket.toString()));
    arguments.addAll(List.of(more));
    arguments.add(NAME);
    return installed.run(folder, arguments.toArray(String[]::new));
  }

  private static String mode(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void aFileGoesOverTheSocketBitByBit() throws Exception {
    try (PushSocket listening = listen(Optional.empty())) {
      InstalledLifeboat.Ended ended = push();
      assertThat(ended.said()).isEmpty();
      assertThat(ended.status()).isZero();
      assertThat(got).hasSize(1);
      assertThat(got.getFirst().request().plan()).isEqualTo("shop");
      assertThat(got.getFirst().request().name()).isEqualTo(NAME);
      assertThat(got.getFirst().bytes()).isEqualTo(bytes);
    }
  }

  @Test
  void onlyWhatIsTakenEndsWithZeroAndTheReasonIsSaid() throws Exception {
    try (PushSocket listening = listen(Optional.empty())) {
      for (PushAnswer no : List.of(PushAnswer.later("too full"), PushAnswer.refused("not yours"))) {
        answer = no;
        InstalledLifeboat.Ended ended = push();
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.said()).contains(NAME, no.sentence());
      }
      assertThat(push("--no-such-option", "x").status()).isEqualTo(2);
    }
  }

  @Test
  void aServiceThatHangsDoesNotHangTheArchiver() throws Exception {
    Files.createDirectories(socket.getParent());
    try (var mute = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      mute.bind(UnixDomainSocketAddress.of(socket));
      InstalledLifeboat.Ended ended = push("--timeout", "1");
      assertThat(ended.status()).isEqualTo(1);
      assertThat(ended.said()).contains("did not answer within 1 seconds");
    }
  }

  @Test
  void withoutAServiceAndAConfigurationItSaysSo() throws Exception {
    InstalledLifeboat.Ended ended = push("--config", folder.resolve("none.yml").toString());
    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.said()).contains("no service at " + socket, "none.yml");
  }

  @Test
  void nobodyElseMayUseTheSocket() throws Exception {
    try (PushSocket listening = listen(Optional.empty())) {
      assertThat(mode(socket)).isEqualTo("rw-------");
      assertThat(mode(socket.getParent())).isEqualTo("rwx------");
    }
    assertThat(socket).doesNotExist();
  }

  @Test
  void aGroupMayBeLetIn() throws Exception {
    String group = Files.readAttributes(folder, PosixFileAttributes.class).group().getName();
    try (PushSocket listening = listen(Optional.of(group))) {
      assertThat(mode(socket)).isEqualTo("rw-rw----");
      assertThat(mode(socket.getParent())).isEqualTo("rwx--x---");
      assertThat(Files.readAttributes(socket, PosixFileAttributes.class).group().getName())
          .isEqualTo(group);
      assertThat(push().status()).isZero();
    }
    assertThatThrownBy(() -> listen(Optional.of("no-such-group")))
        .isInstanceOf(PermanentException.class)
        .hasMessageContaining("no-such-group");
  }

  @Test
  void aSocketThatAKilledServiceLeftIsReplacedAndALivingOneIsNot() throws Exception {
    Files.createDirectories(socket.getParent());
    try (var killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      killed.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();
    try (PushSocket listening = listen(Optional.empty())) {
      assertThatThrownBy(() -> listen(Optional.empty()))
          .isInstanceOf(PermanentException.class)
          .hasMessageContaining("Another process");
      assertThat(push().status()).isZero();
    }
  }
}
