interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  /** Microseconds. */
  readonly ts: number
  readonly dur?: number
  /** Microseconds of CPU, which other programs do not lengthen. */
  readonly tdur?: number
}

/** What Chromium calls the times in which a page's script runs, its garbage collection included. */
const script = new Set([
  'FunctionCall',
  'EvaluateScript',
  'FireAnimationFrame',
  'TimerFire',
  'EventDispatch',
  'RunMicrotasks',
  'MinorGC',
  'MajorGC',
])

/**
 * Milliseconds of CPU of script in each frame of a trace, on the thread that draws the page: from one animation frame to the
 * next, so what comes in between by the socket counts as well. Events within events count once.
 */
export function scriptTimes(trace: string): number[] {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] }
  const main = traceEvents.find(({ name }) => name === 'FireAnimationFrame')
  if (main === undefined) throw new Error('the page has drawn nothing')
  const events = traceEvents
    .filter(
      ({ name, ph, pid, tid }) => script.has(name) && ph === 'X' && pid === main.pid && tid === main.tid,
    )
    .sort((a, b) => a.ts - b.ts)
  const times: number[] = []
  let end = 0
  for (const { name, ts, dur = 0, tdur = dur } of events) {
    const isNested = ts < end
    if (name === 'FireAnimationFrame' && !isNested) times.push(0)
    if (isNested || times.length === 0) continue
    end = ts + dur
    times[times.length - 1] = (times.at(-1) ?? 0) + tdur / 1000
  }
  return times
}
