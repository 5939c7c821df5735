import t from 'tap'
import { createRandom, hash, mix, Random } from '../../traders/random.ts'

function draw<T>(count: number, next: () => T): T[] {
  return Array.from({ length: count }, next)
}

t.test('the stream is xoshiro128**', async (t) => {
  const random = new Random([1, 2, 3, 4])

  t.strictSame(
    draw(10, () => random.word()),
    [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804],
  )
})

t.test('a name and a seed give a stream of their own', async (t) => {
  t.equal(mix(1), 1364076727)
  t.equal(hash('noise-1'), 98122591)

  const random = createRandom(1, 'noise-1')

  t.strictSame(random.state, [2489761601, 3024462798, 587797051, 1891089856])
  t.strictSame(
    draw(4, () => random.word()),
    [518364498, 843764287, 3169736518, 3008538635],
  )
  t.notSame(createRandom(1, 'noise-2').state, createRandom(1, 'noise-1').state)
  t.notSame(createRandom(2, 'noise-1').state, createRandom(1, 'noise-1').state)
})

t.test('a stream goes on from where it was taken down', async (t) => {
  const random = createRandom(7, 'maker-1')
  draw(100, () => random.word())

  const copy = new Random(random.state)

  t.strictSame(
    draw(5, () => copy.word()),
    draw(5, () => random.word()),
  )
})

t.test('numbers are spread as they should be', async (t) => {
  const random = createRandom(3, 'spread')
  const moments = (numbers: readonly number[]) => {
    const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length
    return { mean, variance: numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length }
  }
  const near = (found: number, wanted: number) => Math.abs(found - wanted) < 0.02

  const exponential = moments(draw(100_000, () => random.exponential()))
  t.ok(near(exponential.mean, 1) && near(exponential.variance, 1), JSON.stringify(exponential))
  t.ok(near(moments(draw(100_000, () => random.exponential(9))).mean / 9, 1))
  const normal = moments(draw(100_000, () => random.normal()))
  t.ok(near(normal.mean, 0) && near(normal.variance, 1), JSON.stringify(normal))
  const uniform = moments(draw(100_000, () => random.uniform(-1, 3)))
  t.ok(near(uniform.mean, 1), JSON.stringify(uniform))
  t.ok(near(draw(100_000, () => random.chance(0.3)).filter(Boolean).length / 100_000, 0.3))
})

t.test('whole numbers and choices stay in their range, and every one of them comes', async (t) => {
  const random = createRandom(4, 'range')

  t.strictSame([...new Set(draw(1000, () => random.below(5)))].sort(), [0, 1, 2, 3, 4])
  t.strictSame([...new Set(draw(1000, () => random.between(7, 9)))].sort(), [7, 8, 9])
  t.strictSame([...new Set(draw(1000, () => random.pick(['a', 'b'])))].sort(), ['a', 'b'])
  t.ok(draw(1000, () => random.below(2 ** 21)).every((n) => n < 2 ** 21))
})
