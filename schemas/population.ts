import Type, { type Static } from 'typebox'
import { SymbolName, VenueName } from './names.ts'

/** Prices, distances and values are in ticks, times in seconds, quantities in lots. What is left out has its default. */

const closed = { additionalProperties: false }

function number(least: number, most: number, usual: number, meaning: string) {
  return Type.Number({
    minimum: least,
    maximum: most,
    default: usual,
    description: `a number from ${least} to ${most}: ${meaning}`,
  })
}

function whole(least: number, most: number, usual: number, meaning: string) {
  return Type.Integer({
    minimum: least,
    maximum: most,
    default: usual,
    description: `a whole number from ${least} to ${most}: ${meaning}`,
  })
}

function quantities(usual: readonly number[]) {
  return Type.Array(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'a whole number of lots' }), {
    minItems: 1,
    maxItems: 100,
    default: usual,
    description: 'an array of 1 to 100 quantities, one of which is drawn each time',
  })
}

function kindOf<const Name extends string>(name: Name) {
  return Type.Literal(name, { description: `"${name}"` })
}

/** What all traders with an account have. */
function common(count: number, pause: number, first: number, stagger: number) {
  return {
    count: whole(1, 200, count, 'how many of them there are'),
    pause: number(0.05, 86_400, pause, 'the mean time between two wakes'),
    first: number(0, 86_400, first, 'when the first of them is woken first, after the start'),
    stagger: number(0, 86_400, stagger, 'how much later each further one is'),
  }
}

const ValueProcess = Type.Object(
  {
    kind: kindOf('value-process'),
    volatility: number(0, 1000, 1, 'how far the value moves in a second, on average'),
    pull: number(0, 1, 0.00003, 'the share of the way back to the start price that it goes each second'),
    cycle: number(60, 604_800, 23_400, 'how long a trading day is: lively at both ends, quiet in the middle'),
    newsPerHour: number(0, 1000, 1, 'how often news makes it jump'),
    newsLeast: number(0, 100_000, 5, 'the smallest jump'),
    newsMost: number(0, 100_000, 14, 'the largest jump'),
    lowest: number(0, 1, 0.7, 'the lowest value, as a share of the start price'),
    highest: number(1, 100, 1.4, 'the highest value, as a share of the start price'),
  },
  { ...closed, description: 'an object that describes the hidden value' },
)

const Maker = Type.Object(
  {
    kind: kindOf('maker'),
    ...common(1, 0.9, 0.01, 0.04),
    halfSpread: number(0, 100_000, 1.5, 'how far its best quotes are from its estimate'),
    step: whole(1, 10_000, 1, 'the distance between its quotes'),
    levels: whole(1, 15, 12, 'its quotes a side'),
    quantity: whole(1, 1_000_000, 8, 'the quantity of its best quotes'),
    quantityStep: whole(0, 1_000_000, 2, 'how much more each quote behind has'),
    skew: number(0, 100, 0.03, 'how far its quotes move against a lot that it holds'),
    impact: number(0, 100, 0.2, 'how far its estimate moves with a lot that is traded with it'),
    deadBand: number(0, 100_000, 0.6, 'how far the estimate must move before it quotes anew'),
    inventoryLimit: whole(1, 1_000_000_000, 600, 'the lots held from which it quotes one side only'),
    backstop: number(
      1,
      1_000_000,
      60,
      'the distance of one large order a side that keeps the book from being empty',
    ),
    backstopQuantity: whole(1, 1_000_000, 100, 'the quantity of those'),
  },
  { ...closed, description: 'an object that describes makers' },
)

const Value = Type.Object(
  {
    kind: kindOf('value'),
    ...common(8, 1.7, 0.3, 0.2),
    edge: number(0, 100_000, 1.5, 'the gain that it wants of a trade'),
    opinion: number(0, 100_000, 2, 'how far its lasting opinion is from the value'),
    noise: number(0, 100_000, 3.5, 'how far it errs each time'),
    caution: number(1, 1e9, 1500, 'the lots held that move what it thinks by one tick'),
    quantities: quantities([2, 4, 6, 10, 15]),
  },
  { ...closed, description: 'an object that describes value traders' },
)

const Momentum = Type.Object(
  {
    kind: kindOf('momentum'),
    ...common(2, 12, 0.5, 0.1),
    fast: number(0.001, 1, 0.25, 'the weight of the newest price in its fast average'),
    slow: number(0.001, 1, 0.05, 'the same of its slow average'),
    enter: number(0, 100_000, 3, 'the distance of the averages from which it follows'),
    exit: number(0, 100_000, 1.5, 'the distance within which it gives back what it holds'),
    inventoryLimit: whole(1, 1_000_000_000, 60, 'the lots from which it takes no more'),
    quantities: quantities([2, 3, 5, 8]),
  },
  { ...closed, description: 'an object that describes momentum traders' },
)

const Noise = Type.Object(
  {
    kind: kindOf('noise'),
    ...common(10, 9, 0, 0.15),
    through: whole(0, 100_000, 2, 'how far beyond the best price it pays'),
    quantities: quantities([1, 1, 1, 2, 2, 3, 5, 5, 10, 20]),
  },
  { ...closed, description: 'an object that describes noise traders' },
)

const Patient = Type.Object(
  {
    kind: kindOf('patient'),
    ...common(12, 7, 0.1, 0.06),
    life: number(0.1, 86_400, 90, 'how long an order is left, on average'),
    farthest: whole(0, 100_000, 80, 'the greatest distance behind the best price of its side'),
    quantities: quantities([1, 2, 2, 3, 5, 5, 8, 10, 20, 40]),
  },
  { ...closed, description: 'an object that describes patient traders' },
)

/** One schema a kind of trader. */
export const traderKinds = {
  'value-process': ValueProcess,
  maker: Maker,
  value: Value,
  momentum: Momentum,
  noise: Noise,
  patient: Patient,
} as const

export type TraderKind = keyof typeof traderKinds
export type TraderOptions<K extends TraderKind> = Static<(typeof traderKinds)[K]>
export type AnyTraderOptions = { [K in TraderKind]: TraderOptions<K> }[TraderKind]

/** A population, but for what each kind of trader has. */
export const PopulationFrame = Type.Object(
  {
    venue: Type.Unsafe<string>({
      ...VenueName,
      description: 'a venue name of 1 to 20 letters, digits and underscores',
    }),
    symbol: Type.Unsafe<string>({
      ...SymbolName,
      description: 'a symbol of 1 to 20 letters, digits and underscores',
    }),
    startPrice: whole(100, 1_000_000_000, 10_000, 'the price in ticks around which it begins'),
    traders: Type.Array(
      Type.Object(
        {
          kind: Type.Union(
            (Object.keys(traderKinds) as TraderKind[]).map((kind) => Type.Literal(kind)),
            { description: `one of ${Object.keys(traderKinds).join(', ')}` },
          ),
        },
        { description: 'an object that describes traders, with their kind' },
      ),
      { minItems: 1, maxItems: 100, description: 'an array of 1 to 100 objects that describe traders' },
    ),
  },
  { ...closed, description: 'an object that describes a population: venue, symbol, startPrice and traders' },
)

/** The house traders of one venue. */
export interface Population extends Omit<Static<typeof PopulationFrame>, 'traders'> {
  readonly traders: readonly AnyTraderOptions[]
}
