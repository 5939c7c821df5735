import fc from 'fast-check'
import t from 'tap'
import { AdminGate } from '../../../gateways/cxgame/admin.ts'
import { parseDecimal, plainText } from '../../../gateways/cxgame/decimals.ts'
import type { FeedMessage } from '../../../gateways/cxgame/feed.ts'
import { Game } from '../../../gateways/cxgame/game.ts'
import { Ids } from '../../../gateways/cxgame/ids.ts'
import { prepareVenue } from '../../../gateways/cxgame/market.ts'
import { Session } from '../../../gateways/cxgame/session.ts'
import type { Peer } from '../../../gateways/peer.ts'
import {
  CxGameModel,
  type CxReply,
  formatDecimal,
  randomCommand,
  parseDecimal as readByModel,
} from '../../model/cxgame.ts'
import { openCore, type TestCore } from '../../support/core.ts'
import { createTestLog, createTestTimes, usualSettings } from './support.ts'

t.setTimeout(300_000)

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
  /** The types of messages and the replies, in the order in which they left. */
  readonly left: string[]
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
  const left: string[] = []
  const publish = game.feed.publish.bind(game.feed)
  game.feed.publish = (message) => {
    feed.push(JSON.parse(JSON.stringify(message)))
    publish(message)
    left.push(message.type)
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
      send(text) {
        left.push('reply')
        entry.answered(text)
      },
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
    left,
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

/** Plays a game of both at once; stops it before its end where that is asked for. */
async function play(start: number, rounds: number, { toTheEnd = true } = {}): Promise<Table> {
  const random = dice(start)
  let table = await openTable(await openCore())
  const tokens: string[] = []
  for (const [i, name] of names.entries()) {
    const reply = await table.say(name, JSON.stringify({ cmd: 'register', params: { username: name } }))
    tokens[i] = reply.data as string
  }
  const ids = new Ids(settings.venue)
  const { clock } = table.core
  const model = new CxGameModel(
    { usdStart: settings.usdStart, cryptoStart: settings.cryptoStart },
    {
      orderIdText: (n) => ids.order(n),
      fillIdText: (trade, side) => ids.fill(trade, side),
      tokenText: (n) => tokens[n - 1] as string,
      now: () => clock.now / 1e6,
    },
  )
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
  if (!toTheEnd) return table
  await table.game.end()
  equal(table.heard(), model.end('Shutdown command.'), 'the end')
  return table
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

t.test('an order is told first, then comes the reply, then the trades', async (t) => {
  const table = await openTable(await openCore())
  for (const name of ['kestrel', 'osprey'])
    await table.say(name, JSON.stringify({ cmd: 'register', params: { username: name } }))
  const sell = JSON.stringify({ cmd: 'sell', params: { price: '1000', size: '1' } })
  const buy = JSON.stringify({ cmd: 'buy_market', params: { amount: '10' } })
  await table.say('kestrel', sell)
  table.left.length = 0
  await Promise.all([table.say('osprey', buy), table.say('kestrel', sell)])
  await rest()

  t.strictSame(table.left, ['buy_market', 'reply', 'reply', 'match', 'sell'])
})

t.test('who does not read is neither answered nor read from, until it has read', async (t) => {
  const { game } = await openTable(await openCore())
  const sent: string[] = []
  let isPaused = false
  let read = (_isDrained: boolean) => {}
  const peer: Peer = {
    address: '',
    unsent: 2 ** 21,
    send: (text) => sent.push(text),
    pause() {
      isPaused = true
    },
    resume() {
      isPaused = false
    },
    drained: () =>
      new Promise((resolve) => {
        read = resolve
      }),
    close: async () => {},
  }
  const session = new Session(game, peer, 0)
  const ask = () => session.receive(Buffer.from('{"cmd":"price","params":{}}'))

  for (let i = 0; i < 16; i += 1) ask()
  await rest()
  t.strictSame([sent.length, isPaused], [1, false])
  ask()
  t.equal(isPaused, true, 'sixteen wait')
  read(true)
  await rest()
  t.equal(sent.length, 2)
  read(false)
  await rest()
  t.equal(sent.length, 2, 'it was let go')
})

t.test(
  'CX-035 eight players and a crash: the model says the same of everything, and the sums stay',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (start) => {
        await play(start, 400)
      }),
      { numRuns: 13, ...seeded, endOnFailure: true },
    )
  },
)

t.test('CX-055 audit finds nothing after a random run, with orders of every kind open', async (t) => {
  const table = await play(7, 300, { toTheEnd: false })
  const { maker, market } = (await table.say('kestrel', JSON.stringify({ cmd: 'all_orders', params: {} })))
    .data as { maker: unknown[]; market: unknown[] }

  t.ok(maker.length > 0, `${maker.length} and ${market.length} open`)
  t.strictSame(await table.say('kestrel', JSON.stringify({ cmd: 'audit', params: {} })), {
    status: true,
    message: 'Audit done.',
    data: [],
  })
})

t.test('decimals are read and written as the model does', async () => {
  const digits = fc.stringMatching(/^\d{0,34}$/)
  const text = fc
    .tuple(
      fc.constantFrom('', '+', '-'),
      digits,
      fc.option(digits, { nil: undefined }),
      fc.option(fc.integer({ min: -80, max: 40 }), { nil: undefined }),
    )
    .map(
      ([sign, whole, fraction, exponent]) =>
        `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${exponent === undefined ? '' : `e${exponent}`}`,
    )
  const input = fc.oneof(
    text,
    fc.double(),
    fc.string(),
    fc.constant('1e99999999999'),
    fc.constant('0e9999999'),
  )
  fc.assert(
    fc.property(input, fc.constantFrom(2, 10), (value, scale) => {
      const found = parseDecimal(value, scale)
      equal(`${found}`, `${readByModel(value, scale)}`, JSON.stringify(value))
      if (found !== undefined) equal(plainText(found, scale), formatDecimal(found, scale), `${found}`)
    }),
    { numRuns: 2000, ...seeded },
  )
})

t.test('an id leads back to its order, and nothing else does', async (t) => {
  const [ids, others] = [new Ids('CXGAME'), new Ids('OTHER')]
  for (const number of [1, 2, 1000, Number.MAX_SAFE_INTEGER]) {
    const id = ids.order(number)
    t.match(id, /^[0-9a-f]{64}$/)
    t.equal(new Ids('CXGAME').orderNumber(id), number)
    t.equal(others.orderNumber(id), undefined)
    t.equal(ids.orderNumber(id.toUpperCase()), undefined)
    t.equal(ids.orderNumber(`${id.slice(0, 32)}${ids.order(number - 1).slice(32)}`), undefined)
    for (const side of ['buy', 'sell'] as const) t.equal(ids.orderNumber(ids.fill(number, side)), undefined)
  }
})
