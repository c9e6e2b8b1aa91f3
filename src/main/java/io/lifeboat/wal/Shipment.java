package io.lifeboat.wal;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.repository.WalPiece;
import io.lifeboat.repository.WalTimes;

/** Something that is to be stored. */
sealed interface Shipment {
  /**
   * A piece of a run.
   *
   * @param run the number of the run
   * @param block the number of the block that this is the whole of; negative for a part of one
   */
  record Piece(int run, WalPiece piece, Lsn from, WalTimes times, long block) implements Shipment {
    Lsn to() {
      return from.plus(piece.lengthBytes());
    }

    boolean isWholeBlock() {
      return block >= 0;
    }
  }

  /** The history of a timeline. */
  record History(int timeline) implements Shipment {}
}
