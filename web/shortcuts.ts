import { useEffect } from 'preact/hooks'
import type { Desk } from './model/desk.ts'
import { recall, remember } from './model/memory.ts'
import { focusField } from './parts/focus-field.ts'

/** Keys that work anywhere but in a field. */
export const shortcuts = [
  ['B', 'Write a buy order'],
  ['S', 'Write a sell order'],
  ['/', 'Choose a market'],
  ['?', 'Show this help'],
] as const

/** Single keys get in the way of those who dictate: they can be switched off. */
export function areShortcutsOn(): boolean {
  return recall('shortcuts') !== 'off'
}

export function switchShortcuts(on: boolean): void {
  remember('shortcuts', on ? 'on' : 'off')
}

export function useShortcuts(desk: Desk, showHelp: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { key, target, ctrlKey, metaKey, altKey } = event
      if (ctrlKey || metaKey || altKey || !areShortcutsOn()) return
      if (!(target instanceof Element) || target.closest('input:not([type=radio]), select, dialog') !== null)
        return
      switch (key.toLowerCase()) {
        case 'b':
        case 's':
          desk.draft.set({ side: key.toLowerCase() === 'b' ? 'buy' : 'sell' })
          focusField('quantity')
          break
        case '/':
          document.getElementById('symbol')?.focus()
          break
        case '?':
          showHelp()
          break
        default:
          return
      }
      event.preventDefault()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [desk, showHelp])
}
