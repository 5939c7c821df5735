import fc from 'fast-check'
import t from 'tap'
import { AdminGate } from '../../../gateways/cxgame/admin.ts'
import type { FeedMessage } from '../../../gateways/cxgame/feed.ts'
import { Game } from '../../../gateways/cxgame/game.ts'
import { Ids } from '../../../gateways/cxgame/ids.ts'
import { prepareVenue } from '../../../gateways/cxgame/market.ts'
import { type Peer, Session } from '../../../gateways/cxgame/session.ts'
import { CxGameModel, type CxReply, randomCommand } from '../../model/cxgame.ts'
import { createTestLog, createTestTimes, openCore, type TestCore, usualSettings } from './support.ts'

const seed = process.env.STOCKYARD_TEST_SEED
const seeded = seed === undefined ? {} : { seed: Number(seed) }
const names = ['kestrel', 'osprey', 'merlin', 'kite', 'harrier', 'buzzard', 'hobby', 'shrike']
const settings = { ...usualSettings, adminSecret: undefined, feedBacklog: 1_000_000 }

/** Numbers from 0 up to 1, always the same ones for a seed. */
function dice(start: number): () => number {
  let state = start
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d)
    return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32
  }
}

/** The door's own functions, without sockets. */
interface Table {
  readonly core: TestCore
  readonly game: Game
  /** What the feed has said since it was last asked. */
  heard(): FeedMessage[]
  /** Sends a frame of somebody, and gives the reply. */
  say(user: string | undefined, frame: string): Promise<CxReply>
}

async function openTable(core: TestCore): Promise<Table> {
  const times = createTestTimes()
  await prepareVenue(core.exchange, settings)
  const admin = await AdminGate.create(undefined, times)
  const game = await Game.open(core.exchange, settings, { log: createTestLog(), admin, times })
  const feed: FeedMessage[] = []
  const publish = game.feed.publish.bind(game.feed)
  game.feed.publish = (message) => {
    feed.push(JSON.parse(JSON.stringify(message)))
    publish(message)
  }
  const sessions = new Map<string | undefined, { session: Session; answered: (text: string) => void }>()
  const sessionOf = (user: string | undefined) => {
    const known = sessions.get(user)
    if (known !== undefined) return known
    const entry = { answered: (_text: string) => {} } as {
      session: Session
      answered: (text: string) => void
    }
    const peer: Peer = {
      address: '',
      unsent: 0,
      send: (text) => entry.answered(text),
      pause() {},
      resume() {},
      drained: async () => true,
      close: async () => {},
    }
    entry.session = new Session(game, peer, sessions.size)
    sessions.set(user, entry)
    return entry
  }
  return {
    core,
    game,
    heard: () => feed.splice(0),
    say(user, frame) {
      const entry = sessionOf(user)
      return new Promise((resolve) => {
        entry.answered = (text) => resolve(JSON.parse(text))
        entry.session.receive(Buffer.from(frame))
      })
    },
  }
}

/** Lets the work of a batch come to its end. */
function rest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function play(start: number, rounds: number): Promise<void> {
  const random = dice(start)
  let table = await openTable(await openCore())
  const tokens: string[] = []
  for (const [i, name] of names.entries()) {
    const reply = await table.say(name, JSON.stringify({ cmd: 'register', params: { username: name } }))
    tokens[i] = reply.data as string
  }
  const ids = new Ids(settings.venue)
  const { clock } = table.core
  const model = new CxGameModel(settings, {
    orderIdText: (n) => ids.order(n),
    fillIdText: (trade, side) => ids.fill(trade, side),
    tokenText: (n) => tokens[n - 1] as string,
    now: () => clock.now / 1e6,
  })
  for (const username of names) model.command(undefined, 'register', { username })
  table.heard()
  const crashAt = Math.floor(random() * rounds)

  for (let round = 0; round < rounds; round += 1) {
    if (round === crashAt) table = await restart(table, tokens)
    clock.now += Math.floor(random() * 1e6)
    const { user, cmd, params } = randomCommand(random, names, model.openIds(), model.midText())
    const frame = JSON.stringify({ cmd, params })
    const wanted = model.command(user, cmd, JSON.parse(frame).params)
    const reply = await table.say(user, frame)
    await rest()

    equal(reply, wanted.reply, `round ${round}: ${user} ${frame}`)
    equal(table.heard(), wanted.feed, `feed of round ${round}: ${user} ${frame}`)
    equal(table.game.mid, model.midText(), `mid after round ${round}: ${user} ${frame}`)
    conserve(table.game, round)
  }

  for (const user of names) {
    for (const cmd of ['wallets', 'orders', 'fills', 'completed', 'audit', 'price']) {
      const reply = await table.say(user, JSON.stringify({ cmd, params: {} }))
      equal(reply, model.command(user, cmd, {}).reply, `at the end: ${cmd} of ${user}`)
    }
  }
  await table.game.end()
  equal(table.heard(), model.end('Shutdown command.'), 'the end')
}

/** The process is gone, and another one reads its journal. */
async function restart({ core }: Table, tokens: readonly string[]): Promise<Table> {
  const table = await openTable(await openCore(core.log, core.clock))
  for (const [i, username] of names.entries()) {
    const frame = JSON.stringify({ cmd: 'auth', params: { username, token: tokens[i] } })
    equal((await table.say(username, frame)).message, 'Authenticated', username)
  }
  table.heard()
  return table
}

function equal(found: unknown, wanted: unknown, where: string): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)]
  if (a !== b) throw new Error(`${where}\nfound  ${a}\nwanted ${b}`)
}

function conserve({ venue }: Game, round: number): void {
  for (const [asset, start] of [
    ['USD', 1_000_000n],
    ['CRYPTO', 100_000_000_000n],
  ] as const) {
    let sum = 0n
    for (const { balances } of venue.accounts()) {
      const { available = 0n, held = 0n } = balances.get(asset) ?? {}
      sum += available + held
    }
    if (sum !== start * BigInt(names.length)) throw new Error(`round ${round}: ${sum} ${asset}`)
  }
}

t.test('eight players, a crash in the middle, and the model says the same of everything', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), (start) => play(start, 400)),
    { numRuns: 12, ...seeded, endOnFailure: true },
  )
})
