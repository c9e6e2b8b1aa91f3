package io.lifeboat.postgres;

import io.lifeboat.repository.Attributes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Reads everything and keeps nothing. */
class DrainingConsumer implements BaseBackupConsumer {
  @Override
  public void directory(BaseBackupPath path, Attributes attributes) {}

  @Override
  public void file(BaseBackupPath path, Attributes attributes, long size, InputStream content)
      throws IOException {
    content.transferTo(OutputStream.nullOutputStream());
  }

  @Override
  public void symlink(BaseBackupPath path, Attributes attributes, byte[] target) {}
}
