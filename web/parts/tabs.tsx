import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'

interface TabsProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly options: readonly (readonly [value: T, text: string])[]
  readonly onChoose: (value: T) => void
  /** Beside the tabs. */
  readonly aside?: ComponentChildren
  readonly children: ComponentChildren
}

/** One of several tables at a time. Arrow keys go from one tab to the next. */
export function Tabs<T extends string>({ label, value, options, onChoose, aside, children }: TabsProps<T>) {
  const list = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const at = options.findIndex(([option]) => option === value)
    const next = options[(at + step + options.length) % options.length]
    if (next === undefined) return
    onChoose(next[0])
    list.current?.querySelector<HTMLElement>(`#tab-${next[0]}`)?.focus()
  }
  return (
    <>
      <div class="head">
        <div class="tabs" role="tablist" aria-label={label} ref={list}>
          {options.map(([option, text]) => (
            <button
              key={option}
              id={`tab-${option}`}
              type="button"
              role="tab"
              aria-selected={option === value}
              aria-controls="tab-panel"
              tabIndex={option === value ? 0 : -1}
              onClick={() => onChoose(option)}
              onKeyDown={onKeyDown}
            >
              {text}
            </button>
          ))}
        </div>
        {aside}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard. */}
      <div class="body" id="tab-panel" role="tabpanel" aria-labelledby={`tab-${value}`} tabIndex={0}>
        {children}
      </div>
    </>
  )
}
