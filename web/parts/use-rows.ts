import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** How many rows fit into an element, once it is there; it follows the size. */
export function useRows(rowHeight: number) {
  const element = useRef<HTMLDivElement>(null)
  const [rows, setRows] = useState(0)
  useLayoutEffect(() => {
    if (element.current === null) return
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setRows(Math.floor(entry.contentRect.height / rowHeight))
    })
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [rowHeight])
  return [element, rows] as const
}
