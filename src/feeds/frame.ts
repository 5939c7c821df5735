/**
 * A websocket message of text as the bytes of one frame. A server's frames are not masked, and nothing is compressed,
 * so the same bytes are right for every socket.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  if (length < 126) {
    const frame = Buffer.allocUnsafe(2 + length)
    frame[1] = length
    return finish(frame, 2, text)
  }
  if (length < 65_536) {
    const frame = Buffer.allocUnsafe(4 + length)
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
    return finish(frame, 4, text)
  }
  const frame = Buffer.allocUnsafe(10 + length)
  frame[1] = 127
  frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2)
  frame.writeUInt32BE(length % 2 ** 32, 6)
  return finish(frame, 10, text)
}

/** `0x81`: the last frame of its message, and text. */
function finish(frame: Buffer, headerLength: number, text: string): Buffer {
  frame[0] = 0x81
  frame.write(text, headerLength)
  return frame
}
