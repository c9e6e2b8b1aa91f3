package io.lifeboat.wal.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PushProtocolTest {
  private static final PushRequest REQUEST =
      new PushRequest("shop", "000000010000000000000002", 16 << 20, 1_700_000_000_000_000L, 58_000);

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static ReadableByteChannel channel(byte[] bytes) {
    return Channels.newChannel(new ByteArrayInputStream(bytes));
  }

  @Test
  void aRequestIsWhatTheDocumentSays() throws IOException {
    byte[] sent = bytes(REQUEST.toBytes());
    assertThat(HexFormat.of().formatHex(sent))
        .isEqualTo(
            "4c42505553483031" // LBPUSH01
                + "00060a24181e4000" // sent at
                + "0000e290" // patience
                + "0000000001000000" // length
                + "0473686f70" // shop
                + "18303030303030303130303030303030303030303030303032");
    assertThat(PushRequest.read(channel(sent))).isEqualTo(REQUEST);
  }

  @Test
  void whatFollowsARequestIsLeft() throws IOException {
    byte[] sent = bytes(REQUEST.toBytes());
    ReadableByteChannel all = channel(Arrays.copyOf(sent, sent.length + 3));
    PushRequest.read(all);
    assertThat(all.read(ByteBuffer.allocate(10))).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 20, 27, 28, 30, 40})
  void aRequestThatIsCutShortIsNone(int length) {
    byte[] sent = Arrays.copyOf(bytes(REQUEST.toBytes()), length);
    assertThatThrownBy(() -> PushRequest.read(channel(sent)))
        .isInstanceOf(PushRequest.NotUnderstood.class);
  }

  @Test
  void anythingElseIsNotUnderstood() {
    byte[] other = bytes(REQUEST.toBytes());
    other[7] = '2';
    assertThatThrownBy(() -> PushRequest.read(channel(other)))
        .isInstanceOf(PushRequest.NotUnderstood.class)
        .hasMessageContaining("another version");
    byte[] control = bytes(REQUEST.toBytes());
    control[30] = '\n';
    assertThatThrownBy(() -> PushRequest.read(channel(control)))
        .isInstanceOf(PushRequest.NotUnderstood.class);
    byte[] negative = bytes(REQUEST.toBytes());
    negative[20] = -1;
    assertThatThrownBy(() -> PushRequest.read(channel(negative)))
        .isInstanceOf(PushRequest.NotUnderstood.class);
  }

  @Test
  void anAnswerIsWhatTheDocumentSays() throws IOException {
    byte[] sent = bytes(PushAnswer.later("é").toBytes());
    assertThat(sent).containsExactly(1, 0, 2, 0xC3, 0xA9);
    assertThat(PushAnswer.read(channel(sent))).isEqualTo(PushAnswer.later("é"));
    assertThat(PushAnswer.read(channel(bytes(PushAnswer.taken("").toBytes()))).isTaken()).isTrue();
    assertThat(PushAnswer.refused("no").isTaken()).isFalse();
  }

  @Test
  void aLongSentenceIsCut() throws IOException {
    byte[] sent = bytes(PushAnswer.refused("x".repeat(70_000)).toBytes());
    assertThat(PushAnswer.read(channel(sent)).sentence()).hasSize(4000);
  }

  @Test
  void noAnswerIsNoYes() {
    assertThatThrownBy(() -> PushAnswer.read(channel(new byte[0]))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> PushAnswer.read(channel(new byte[] {3, 0, 0})))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> PushAnswer.read(channel(new byte[] {0, 0, 5, 'a'})))
        .isInstanceOf(IOException.class);
  }
}
