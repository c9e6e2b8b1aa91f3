package io.lifeboat.store.folder;

import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.ObjectStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FolderStoreContractTest extends ObjectStoreContract {
  @TempDir private Path folder;

  @Override
  protected ObjectStore open() {
    return new FolderStore(folder.resolve("not/there/yet"));
  }
}
