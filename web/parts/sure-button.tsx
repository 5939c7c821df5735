import { useState } from 'preact/hooks'

interface SureButtonProps {
  readonly text: string
  /** What it says when it was pressed once. */
  readonly question: string
  readonly isOff: boolean
  readonly isBusy: boolean
  readonly onSure: () => void
}

/** A button for what cannot be taken back: it asks once more, until one goes elsewhere. */
export function SureButton({ text, question, isOff, isBusy, onSure }: SureButtonProps) {
  const [isAsking, ask] = useState(false)
  const press = () => {
    if (isBusy) return
    ask(!isAsking)
    if (isAsking) onSure()
  }
  return (
    <button
      type="button"
      class={isAsking ? 'link sure' : 'link'}
      disabled={isOff}
      aria-disabled={isBusy}
      onClick={press}
      onBlur={() => ask(false)}
    >
      {isAsking ? question : text}
    </button>
  )
}
