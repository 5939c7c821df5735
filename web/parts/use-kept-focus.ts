import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/**
 * When the row goes that has the focus, the one that comes to its place has it, and with the last one what the table
 * is in: who has no mouse would begin at the top of the page again.
 */
export function useKeptFocus(rows: RefObject<HTMLTableSectionElement | null>): void {
  const last = useRef<{ readonly element: HTMLElement; readonly row: number }>(undefined)
  useLayoutEffect(() => {
    const note = ({ target }: FocusEvent) => {
      if (!(target instanceof HTMLElement)) return
      last.current = undefined
      const row = [...(rows.current?.rows ?? [])].findIndex((one) => one.contains(target))
      if (row >= 0) last.current = { element: target, row }
    }
    document.addEventListener('focusin', note)
    return () => document.removeEventListener('focusin', note)
  }, [rows])
  useLayoutEffect(() => {
    const { element, row } = last.current ?? {}
    if (element === undefined || row === undefined || element.isConnected) return
    last.current = undefined
    if (document.activeElement !== document.body) return
    const all = [...(rows.current?.rows ?? [])]
    const next = all[Math.min(row, all.length - 1)]?.querySelector<HTMLElement>('button:last-of-type')
    const around = next ?? document.getElementById('tab-panel')
    around?.focus()
  })
}
