package io.lifeboat.architecture;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;

/**
 * The layers of the design, top first. A package may use the packages beside it and below it, never
 * those above; that neighbours do not use each other in a circle is a rule of its own.
 */
final class Layers {
  static final String BASE = "io.lifeboat";

  private static final List<List<String>> TOP_DOWN =
      List.of(
          List.of("app"),
          List.of("api"),
          List.of("schedule", "telemetry"),
          List.of("operation", "access"),
          List.of("backup", "restore", "browse", "drill", "retention"),
          List.of("postgres", "files", "wal"),
          List.of("repository"),
          List.of("crypto", "store"),
          List.of("config"),
          List.of("progress", "error"));

  private Layers() {}

  /**
   * Holds for a class whose package has a layer, and which uses only its own layer and those below.
   */
  static ArchCondition<JavaClass> useOnlyTheirLayerAndThoseBelow() {
    return new ArchCondition<>("use only their own layer and those below") {
      @Override
      public void check(JavaClass from, ConditionEvents events) {
        if (depth(from) < 0) {
          events.add(
              SimpleConditionEvent.violated(
                  from, from.getName() + " is in a package without a layer: add it to Layers"));
          return;
        }
        for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
          int target = depth(dependency.getTargetClass());
          if (target >= 0 && target < depth(from)) {
            events.add(SimpleConditionEvent.violated(from, dependency.getDescription()));
          }
        }
      }
    };
  }

  /** How far below the top a class stands; negative for one that is not ours or has no layer. */
  private static int depth(JavaClass javaClass) {
    String name = javaClass.getPackageName();
    if (!name.startsWith(BASE + ".")) {
      return -1;
    }
    String capability = name.substring(BASE.length() + 1).split("\\.", 2)[0];
    for (int depth = 0; depth < TOP_DOWN.size(); depth++) {
      if (TOP_DOWN.get(depth).contains(capability)) {
        return depth;
      }
    }
    return -1;
  }
}
