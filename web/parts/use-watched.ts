import { useLayoutEffect, useReducer } from 'preact/hooks'
import type { Watched } from '../model/watched.ts'

/** Draws the component again, once a frame at most, when something of these has changed. */
export function useWatched(...all: readonly (Watched | undefined)[]): void {
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0)
  const drawn = all.map((watched) => watched?.version)
  useLayoutEffect(() => {
    const stops = all.map((watched) => watched?.watch(() => redraw(undefined)))
    // It may have changed between drawing and now.
    if (all.some((watched, i) => watched?.version !== drawn[i])) redraw(undefined)
    return () => {
      for (const stop of stops) stop?.()
    }
  }, all)
}
