import t from 'tap'
import { takeIt, waitForHalf } from '../../examples/levels/first-steps.ts'
import { dayLength, type Happening, levelNames } from '../../game/level.ts'
import { findLevel, levels } from '../../game/levels.ts'
import { micros } from '../../src/domain/units.ts'
import { playLevel } from '../support/level-game.ts'

t.test('every level can be found, and level 4 by both of its names', async (t) => {
  t.same(
    levels.map(({ name }) => name),
    levelNames,
  )
  t.equal(findLevel('dueling_bulldogs'), findLevel('dueling_bulldozers'))
  t.equal(findLevel('nonsense'), undefined)
})

for (const level of levels) {
  t.test(`${level.name} is plain JSON and is lost when its days run out`, async (t) => {
    const setup = level.setup(1)
    t.same(setup, JSON.parse(JSON.stringify(setup)))
    t.same(level.setup(1), setup, 'the same seed is the same game')
    t.notSame(level.setup(2), setup)

    let play = level.start(setup)
    for (let day = 1; day <= level.days + 1; day += 1) {
      const happening: Happening = { type: 'day', day, time: micros(day * dayLength) }
      play = level.apply(setup, JSON.parse(JSON.stringify(play)), happening)
    }

    t.match(
      play.verdict,
      level.name === 'mind_the_gap' ? { state: 'won' } : { state: 'lost', reason: 'time' },
    )
    t.same(level.apply(setup, play, { type: 'day', day: 1, time: micros(0) }), play, 'it stays decided')
  })
}

t.test('first_steps is won by whoever buys, and not by whoever waits for half the price', async (t) => {
  const level = findLevel('first_steps') as (typeof levels)[number]

  t.match(playLevel(level, 1, takeIt).play.verdict, { state: 'won', score: 100 })
  t.match(playLevel(level, 1, waitForHalf).play.verdict, { state: 'lost', reason: 'time' })
  t.same(playLevel(level, 1, takeIt), playLevel(level, 1, takeIt))
})
