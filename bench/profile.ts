import type { HttpServerInput, HttpServerRequest } from './http-server.ts'
import { postOrders } from './load.ts'
import { ask, buildDir, message, start, stop } from './process.ts'

/** Where the time of the HTTP load goes, by whose code it is. */
export async function profile(
  who: HttpServerInput['who'],
  connections: number,
  seconds: number,
): Promise<string> {
  const child = start('http-server', { who } satisfies HttpServerInput)
  const { port } = await message<{ port: number }>(child)
  // Not the start, and not what runs before it is compiled.
  await postOrders({ port, connections, seconds: Math.max(2, Math.ceil(seconds / 3)) })
  await ask(child, 'start profile' satisfies HttpServerRequest)
  const { perSecond } = await postOrders({ port, connections, seconds })
  const measured = await ask<Profile>(child, 'end profile' satisfies HttpServerRequest)
  await stop(child)
  const heading = `${who}, ${connections} connections, ${Math.round(perSecond)} requests/s while profiled`
  return [heading, '', ...lines(summarize(measured))].join('\n')
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

interface Summary {
  readonly groups: Map<string, number>
  readonly functions: Map<string, number>
}

/** Sums self time, in microseconds, by whose code it is and by function. Time in which nothing was to do is left out. */
function summarize({ nodes, samples, timeDeltas }: Profile): Summary {
  const frames = new Map(nodes.map((node) => [node.id, node.callFrame]))
  const groups = new Map<string, number>()
  const functions = new Map<string, number>()
  const add = (map: Map<string, number>, key: string, time: number) =>
    map.set(key, (map.get(key) ?? 0) + time)
  samples.forEach((id, i) => {
    const { functionName, url, lineNumber } = frames.get(id) as Profile['nodes'][number]['callFrame']
    if (functionName === '(idle)') return
    const time = timeDeltas[i] as number
    const [group, place] = owner(functionName, url)
    add(groups, group, time)
    add(
      functions,
      `${functionName || '(anonymous)'}  ${place}${place === '' ? '' : `:${lineNumber + 1}`}`,
      time,
    )
  })
  return { groups, functions }
}

/** Whose code a function is, and its file. */
function owner(functionName: string, url: string): [group: string, place: string] {
  const path = decodeURIComponent(url)
  const dependency = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)(.*)$/.exec(
    path.replace(buildDir, '/ours/'),
  )
  if (dependency !== null) return [`dependencies: ${dependency[1]}`, `${dependency[1]}/${dependency[2]}`]
  if (path.includes(buildDir)) {
    const file = path.slice(path.indexOf(buildDir) + buildDir.length)
    return [`ours: ${file.split('/').slice(0, -1).join('/')}`, file]
  }
  if (functionName === '(garbage collector)') return ['garbage collection', '']
  if (path.startsWith('node:')) return ['node', path]
  // Code that a library made at run time, such as validators and serializers, has no file.
  if (path === '' && !functionName.startsWith('(')) return ['generated or native', 'no file']
  return ['program and system calls', path]
}

function lines({ groups, functions }: Summary): string[] {
  const total = [...groups.values()].reduce((sum, time) => sum + time, 0)
  const line = (what: string, time: number) => `${((100 * time) / total).toFixed(1).padStart(5)} %  ${what}`
  const byTime = (map: Map<string, number>) => [...map].sort(([, a], [, b]) => b - a)
  const all = (kind: string) =>
    [...groups].reduce((sum, [name, time]) => (name.startsWith(kind) ? sum + time : sum), 0)
  return [
    line('ours, all', all('ours')),
    line('dependencies, all', all('dependencies')),
    '',
    ...byTime(groups)
      .filter(([, time]) => time > total / 500)
      .map(([name, time]) => line(name, time)),
    '',
    ...byTime(functions)
      .slice(0, 40)
      .map(([name, time]) => line(name, time)),
  ]
}
