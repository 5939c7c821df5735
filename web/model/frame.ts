const waiting = new Set<() => void>()

/**
 * Does a task once when the browser draws the next picture, however often it is asked to until then. In a tab that
 * nobody looks at that is later; no more than one of each task waits.
 */
export function onNextFrame(task: () => void): void {
  if (waiting.size === 0) requestAnimationFrame(run)
  waiting.add(task)
}

function run(): void {
  const tasks = [...waiting]
  waiting.clear()
  for (const task of tasks) task()
}
