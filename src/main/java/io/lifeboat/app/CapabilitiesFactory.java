package io.lifeboat.app;

import io.lifeboat.config.Settings;
import io.lifeboat.config.StoreConfig;
import java.nio.file.Path;

/** Puts the engines together. Opening reaches for nothing over the network yet: calls do. */
public interface CapabilitiesFactory {
  /** For a configuration. */
  Capabilities open(Settings settings);

  /**
   * For a disaster: no configuration, only where the repository lies and the kit that reads it.
   *
   * @param identity a recovery kit
   */
  Capabilities open(StoreConfig store, Path identity);
}
