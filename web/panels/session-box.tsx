import { useState } from 'preact/hooks'
import type { Problem, Session } from '../model/session.ts'
import { Field } from '../parts/field.tsx'
import { useWatched } from '../parts/use-watched.ts'

/** Who trades: a name of one's own choice, or an account with its key where the exchange has keys. */
export function SessionBox({ session }: { session: Session }) {
  useWatched(session)
  const [isChanging, setChanging] = useState(false)
  const { trader, needsKey } = session
  if (needsKey === undefined) return null
  if (isChanging || (trader === undefined && needsKey)) {
    return <SessionForm session={session} onDone={() => setChanging(false)} />
  }
  return (
    <p class="session">
      <span>Trading as</span> <strong>{trader?.account}</strong>{' '}
      {needsKey ? (
        <button type="button" class="link" onClick={() => session.leave()}>
          Sign out
        </button>
      ) : session.isPlaying ? (
        'in this game'
      ) : (
        <button type="button" class="link" onClick={() => setChanging(true)}>
          Change
        </button>
      )}
    </p>
  )
}

function SessionForm({ session, onDone }: { session: Session; onDone: () => void }) {
  const [account, setAccount] = useState(session.account)
  const [key, setKey] = useState('')
  const [problem, setProblem] = useState<Problem | undefined>(session.problem)
  const needsKey = session.needsKey === true
  const submit = async (event: Event) => {
    event.preventDefault()
    const found = await session.enter(account, key)
    setProblem(found)
    if (found === undefined) onDone()
    else if (found.field !== undefined) document.getElementById(found.field)?.focus()
  }
  const problemOf = (field: string) => (problem?.field === field ? problem.text : undefined)
  return (
    <form class="session-form" onSubmit={submit} noValidate>
      {needsKey && <p class="hint">This exchange has keys. Yours stays in this window and is not stored.</p>}
      <Field
        id="account"
        label="Account"
        value={account}
        problem={problemOf('account')}
        onInput={setAccount}
      />
      {needsKey && (
        <Field id="key" label="Key" isSecret value={key} problem={problemOf('key')} onInput={setKey} />
      )}
      {problem !== undefined && problem.field === undefined && (
        <p class="problem" role="alert">
          {problem.text}
        </p>
      )}
      <div class="pair">
        <button type="submit" class="button">
          {needsKey ? 'Sign in' : 'Trade as this'}
        </button>
        {!needsKey && (
          <button type="button" class="button plain" onClick={onDone}>
            Back
          </button>
        )}
      </div>
    </form>
  )
}
