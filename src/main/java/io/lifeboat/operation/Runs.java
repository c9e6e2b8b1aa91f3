package io.lifeboat.operation;

import java.util.Optional;

/** All that can be started, by somebody who asks or by a schedule. */
public record Runs(PlanRuns plans, RepositoryRuns repositories) {
  /**
   * Starts a run that a schedule asks for, unless the same is waiting or running.
   *
   * @param name the plan, or for a prune or a verification the repository
   * @param reason noted with what is in the way
   * @throws io.lifeboat.error.LifeboatException if it cannot be started
   */
  public Optional<Operation> scheduled(String name, OperationType type, String reason) {
    return switch (type) {
      case BACKUP, RESTORE, DRILL, CONTROLS -> plans.scheduled(name, type, reason);
      case PRUNE, VERIFY -> repositories.scheduled(name, type, reason);
    };
  }
}
