package io.lifeboat.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.EnumSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OperationStateTest {
  @ParameterizedTest
  @EnumSource
  void nothingFollowsAFinalStateAndEveryOtherStateCanEnd(OperationState state) {
    var successors = EnumSet.noneOf(OperationState.class);
    for (var next : OperationState.values()) {
      if (state.canMoveTo(next)) {
        successors.add(next);
      }
    }
    assertThat(successors.isEmpty()).isEqualTo(state.isFinal());
    assertThat(successors).doesNotContain(state);
    if (!state.isFinal()) {
      assertThat(successors).contains(OperationState.INTERRUPTED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyStateIsReachedFromTheQueue(OperationState state) {
    var seen = EnumSet.of(OperationState.QUEUED);
    var todo = new ArrayDeque<OperationState>(seen);
    while (!todo.isEmpty()) {
      var from = todo.remove();
      for (var next : OperationState.values()) {
        if (from.canMoveTo(next) && seen.add(next)) {
          todo.add(next);
        }
      }
    }
    assertThat(seen).contains(state);
  }
}
