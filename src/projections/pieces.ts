/** Things in one piece: a record of a snapshot should not be large. */
const pieceSize = 1000

/** Cuts a long row of things into pieces for saving. */
export function* piecesOf<T>(things: Iterable<T>, size = pieceSize): IterableIterator<T[]> {
  let piece: T[] = []
  for (const thing of things) {
    if (piece.push(thing) < size) continue
    yield piece
    piece = []
  }
  if (piece.length > 0) yield piece
}
