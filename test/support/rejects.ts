import type { Test } from 'tap'

/** As tap's own, which takes no pattern with fields that errors do not have by themselves. */
export async function rejects(t: Test, promise: Promise<unknown>, pattern: object): Promise<void> {
  const [isRejected, error] = await promise.then(
    () => [false, undefined],
    (thrown: unknown) => [true, thrown],
  )
  t.ok(isRejected, 'rejected')
  t.match(error, pattern)
}
