interface FieldProps {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly onInput: (value: string) => void
  /** What is wrong with it. */
  readonly problem?: string | undefined
  readonly isSecret?: boolean
  /** Up and down by the arrow keys; `steps` is ±1, or ±10 with Shift. */
  readonly onStep?: (steps: number) => void
  readonly isNumber?: boolean
}

/** An input with its name, and what is wrong with it beside it. */
export function Field({ id, label, value, onInput, problem, isSecret, onStep, isNumber }: FieldProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    const direction = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0
    if (direction === 0 || onStep === undefined) return
    event.preventDefault()
    onStep(direction * (event.shiftKey ? 10 : 1))
  }
  const input = {
    id,
    value,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: false,
    'aria-invalid': problem !== undefined,
    'aria-describedby': problem === undefined ? undefined : `${id}-problem`,
    onInput: (event: InputEvent & { readonly currentTarget: HTMLInputElement }) =>
      onInput(event.currentTarget.value),
    onKeyDown,
  } as const
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {isSecret ? (
        <input type="password" {...input} />
      ) : (
        <input class={isNumber ? 'number' : undefined} inputMode={isNumber ? 'decimal' : 'text'} {...input} />
      )}
      {problem !== undefined && (
        <p class="problem" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}
