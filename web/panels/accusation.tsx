import { useState } from 'preact/hooks'
import type { Levels } from '../model/levels.ts'
import { Field } from '../parts/field.tsx'
import { focusField } from '../parts/focus-field.ts'

/** Where a name is handed in, in a level that is decided by one. */
export function Accusation({ levels, isOff }: { levels: Levels; isOff: boolean }) {
  const [account, setAccount] = useState('')
  const [summary, setSummary] = useState('')
  const [problem, setProblem] = useState<string>()
  const submit = async (event: Event) => {
    event.preventDefault()
    if (isOff) return
    const found = /^\w{1,20}$/.test(account)
      ? await levels.accuse({ account, ...(summary !== '' && { executive_summary: summary }) })
      : 'Enter the name of an account: letters, digits or underscores.'
    setProblem(found)
    if (found !== undefined) focusField('suspect')
  }
  return (
    <form class="accusation" aria-labelledby="accusation-title" onSubmit={submit} noValidate>
      <h3 id="accusation-title">Your accusation</h3>
      <p class="hint">The first account that is there decides the game, right or wrong.</p>
      <Field id="suspect" label="Account" value={account} problem={problem} onInput={setAccount} />
      <Field id="summary" label="Why, in short (if you like)" value={summary} onInput={setSummary} />
      <button type="submit" class="button" aria-disabled={isOff}>
        Accuse {account}
      </button>
    </form>
  )
}
