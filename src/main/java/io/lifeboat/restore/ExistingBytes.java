package io.lifeboat.restore;

import io.lifeboat.repository.BytesAtHand;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bytes of a file that lies in a target. What cannot be read of it is not there. */
final class ExistingBytes implements BytesAtHand {
  private static final Logger LOG = LoggerFactory.getLogger(ExistingBytes.class);

  private final FileChannel channel;

  ExistingBytes(FileChannel channel) {
    this.channel = channel;
  }

  @Override
  public Optional<byte[]> read(long offsetBytes, int lengthBytes) {
    try {
      if (channel.size() < offsetBytes + lengthBytes) {
        return Optional.empty();
      }
      var bytes = ByteBuffer.allocate(lengthBytes);
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, offsetBytes + bytes.position()) < 0) {
          return Optional.empty();
        }
      }
      return Optional.of(bytes.array());
    } catch (IOException e) {
      LOG.debug("event=target-not-read reason={}", e.toString());
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("event=target-not-closed reason={}", e.toString());
    }
  }
}
