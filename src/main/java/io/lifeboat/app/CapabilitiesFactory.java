package io.lifeboat.app;

import io.lifeboat.config.Settings;

/** Puts the engines together. Opening reaches for nothing over the network yet: calls do. */
public interface CapabilitiesFactory {
  /** For a configuration. */
  Capabilities open(Settings settings);
}
