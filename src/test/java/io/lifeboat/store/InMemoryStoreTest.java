package io.lifeboat.store;

class InMemoryStoreTest extends ObjectStoreContract {
  @Override
  protected ObjectStore open() {
    return new InMemoryStore();
  }
}
