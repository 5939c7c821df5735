import { parentPort, workerData } from 'node:worker_threads'
import { nodeFileSystem } from './file-system.ts'
import { type JournalEnd, JournalWriter } from './journal-writer.ts'

/** What the thread is started with. */
export interface JournalThreadData {
  readonly directory: string
  readonly end: JournalEnd
  readonly segmentSize: number
}

/** A frame to append; `undefined` ends the thread. */
export type JournalRequest = { readonly frame: Uint8Array; readonly count: number } | undefined

/** Answers each frame: nothing when it is on the disk, else what went wrong. */
export type JournalAnswer = { readonly error?: string }

if (parentPort !== null) serve(parentPort, workerData as JournalThreadData)

function serve(
  port: NonNullable<typeof parentPort>,
  { directory, end, segmentSize }: JournalThreadData,
): void {
  const writer = new JournalWriter(nodeFileSystem, directory, end, segmentSize)
  port.on('message', (request: JournalRequest) => {
    if (request === undefined) {
      writer.close()
      port.close()
      return
    }
    const { buffer, byteOffset, byteLength } = request.frame
    let answer: JournalAnswer = {}
    try {
      writer.append(Buffer.from(buffer, byteOffset, byteLength), request.count)
    } catch (error) {
      answer = { error: (error as Error).message }
    }
    port.postMessage(answer)
  })
}
