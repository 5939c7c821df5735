import type { Trader } from '../traders/step.ts'
import { emptyBooks, enterTrade } from './books.ts'
import type {
  Books,
  FeedFaults,
  Flash,
  FlashKind,
  Happening,
  Level,
  LossReason,
  Play,
  Setup,
  Verdict,
} from './level.ts'

/** What a level's rules look at: the game as it is after what just happened. */
export interface Game<S extends Setup, Notes> {
  readonly setup: S
  readonly day: number
  readonly books: Books
  readonly notes: Notes
}

/** How one level is won and lost. Its notes are what it has to remember beside the books: plain JSON. */
export interface Rules<S extends Setup, Notes> {
  /** The notes before anything happened. */
  notes(setup: S): Notes
  /** The notes after it. Books and day are already as they are after it. The same object when nothing changed. */
  note?(game: Game<S, Notes>, happening: Happening): Notes
  /** Whether, and why, this loses the game. That the days run out is everywhere so and not said here. */
  lost?(game: Game<S, Notes>, happening: Happening): LossReason | undefined
  won(game: Game<S, Notes>, happening: Happening): boolean
  /** What a won game is worth, on a scale of 100. */
  score(game: Game<S, Notes>): number
  /** New messages, when there is something to say. */
  messages?(game: Game<S, Notes>, happening: Happening): Flash | undefined
  /** The last words to who lost, where the level has its own. */
  stopped?(game: Game<S, Notes>, happening: Happening): string | undefined
}

/** A level before its rules are made a fold. What most levels have alike may be left out. */
export interface LevelPlan<S extends Setup, Notes>
  extends Pick<Level, 'name' | 'title' | 'days' | 'instructions'>,
    Partial<Pick<Level, 'aliases' | 'startingCash' | 'venue' | 'followsQuotes' | 'isJudged'>> {
  setup(seed: number): S
  feedFaults?(setup: S): FeedFaults
  population(setup: S, player: string): readonly Trader[]
  accountsOf?(setup: S): readonly string[]
  readonly rules: Rules<S, Notes>
}

/** Makes a level out of its parts. What comes back as a setup or as notes is what it once gave out. */
export function defineLevel<S extends Setup, Notes>({ rules, ...plan }: LevelPlan<S, Notes>): Level {
  const { startingCash = 0 } = plan
  return {
    aliases: [],
    venue: { revealOwnerOnCancel: false, openExecutions: false },
    followsQuotes: false,
    isJudged: false,
    ...plan,
    startingCash,
    feedFaults: (setup) => plan.feedFaults?.(setup as S),
    population: (setup, player) => plan.population(setup as S, player),
    accountsOf: (setup) => plan.accountsOf?.(setup as S) ?? [],
    start: (setup) => ({
      day: 0,
      books: emptyBooks(startingCash),
      notes: rules.notes(setup as S),
      flash: undefined,
      verdict: undefined,
    }),
    apply: (setup, play, happening) => apply(rules, plan.days, setup as S, play, happening),
  }
}

function apply<S extends Setup, Notes>(
  rules: Rules<S, Notes>,
  days: number,
  setup: S,
  play: Play,
  happening: Happening,
): Play {
  if (play.verdict !== undefined) return play
  const day = happening.type === 'day' ? happening.day : play.day
  const books = happening.type === 'trade' ? enterTrade(play.books, happening) : play.books
  const before: Game<S, Notes> = { setup, day, books, notes: play.notes as Notes }
  const notes = rules.note?.(before, happening) ?? before.notes
  const game = { ...before, notes }
  const verdict = decide(rules, days, game, happening)
  const messages = rules.messages?.(game, happening)
  const flash = say(
    play.flash,
    verdict ? { ...messages, ...closingWords(rules, game, happening, verdict) } : messages,
  )
  const isSame = day === play.day && books === play.books && notes === play.notes && flash === play.flash
  return isSame && verdict === undefined ? play : { day, books, notes, flash, verdict }
}

/** The newest messages. Who is told again what stands there already is told nothing. */
function say(before: Flash | undefined, messages: Flash | undefined): Flash | undefined {
  const isNew = ([kind, text]: [string, string]) => before?.[kind as FlashKind] !== text
  return Object.entries(messages ?? {}).some(isNew) ? { ...before, ...messages } : before
}

/** The first rule that holds decides, and those that lose come first: who breaks a limit to reach the goal has lost. */
function decide<S extends Setup, Notes>(
  rules: Rules<S, Notes>,
  days: number,
  game: Game<S, Notes>,
  happening: Happening,
): Verdict | undefined {
  const reason = rules.lost?.(game, happening)
  if (reason !== undefined) return { state: 'lost', reason }
  if (rules.won(game, happening)) {
    return { state: 'won', score: Math.max(1, Math.min(100, Math.round(rules.score(game)))) }
  }
  return game.day > days ? { state: 'lost', reason: 'time' } : undefined
}

function closingWords<S extends Setup, Notes>(
  rules: Rules<S, Notes>,
  game: Game<S, Notes>,
  happening: Happening,
  verdict: Verdict,
): Flash {
  if (verdict.state === 'won') return { success: `Won on day ${game.day}, with a score of ${verdict.score}.` }
  return { danger: rules.stopped?.(game, happening) ?? `Stopped: ${reasons[verdict.reason]}.` }
}

const reasons: Record<LossReason, string> = {
  average: 'you paid too much on average',
  cash: 'you spent more than you had',
  impact: 'you bought far above the target price',
  innocent: 'that account was innocent',
  markout: 'your fills cost too much',
  money: 'you lost too much money',
  position: 'your position was too large',
  short: 'you sold what you did not have',
  time: 'the days ran out',
}

/** A share of a whole, kept within 0 and 1. */
export function clamp(share: number): number {
  return Math.max(0, Math.min(1, share))
}
