package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import java.util.function.Supplier;

/** Adds the object's name to what its bytes complain about. */
final class Failures {
  private Failures() {}

  static PermanentException damaged(String object, String why) {
    return new PermanentException(ErrorCode.OBJECT_DAMAGED, object + ": " + why, Hints.VERIFY);
  }

  static <T> T naming(String object, Supplier<T> work) {
    try {
      return work.get();
    } catch (LifeboatException e) {
      boolean named = String.valueOf(e.getMessage()).contains(object);
      if (named || e.code() != ErrorCode.OBJECT_DAMAGED) {
        throw e;
      }
      throw new PermanentException(e.code(), object + ": " + e.getMessage(), e.hint(), e);
    }
  }
}
