import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Candle, CandleInterval } from '../../sdk/index.ts'
import { drawChart } from '../chart/draw.ts'
import { Candles } from '../model/candles.ts'
import type { Desk } from '../model/desk.ts'
import type { Market } from '../model/market.ts'
import { recall, remember } from '../model/memory.ts'
import { standings } from '../model/standing.ts'
import type { Units } from '../model/units.ts'
import { Segments } from '../parts/segments.tsx'
import { useWatched } from '../parts/use-watched.ts'

const intervals: readonly CandleInterval[] = ['1s', '1m', '5m', '15m', '1h', '1d']
/** With fewer minutes than that, a market is shown by the second unless the user has chosen otherwise. */
const fewMinutes = 10

/** Candles and volume. */
export function Chart({ desk, market }: { desk: Desk; market: Market }) {
  const [chosen, choose] = useState(() => intervals.find((one) => one === recall('interval')))
  const [fitting, fit] = useState<CandleInterval>()
  const interval = chosen ?? fitting ?? '1m'
  const candles = useMemo(
    () => new Candles(desk.feed, desk.rest, market.stock, interval),
    [desk, market, interval],
  )
  useEffect(() => () => candles.close(), [candles])
  useWatched(candles, desk.theme)
  useLayoutEffect(() => {
    if (candles.isKnown) fit((before) => before ?? (candles.all.length < fewMinutes ? '1s' : '1m'))
  })
  const element = useRef<HTMLElement>(null)
  /** When the candle begins that the pointer is on. */
  const [pointed, point] = useState<string>()
  const chart = useRef<ReturnType<typeof drawChart>>(undefined)

  useEffect(() => {
    if (element.current === null) return
    chart.current = drawChart(element.current, interval, market.units, {
      onPoint: point,
      onEarly: () => void candles.loadOlder(),
    })
    chart.current.show(candles)
    return () => {
      point(undefined)
      chart.current?.remove()
    }
  }, [market, candles])
  useEffect(() => chart.current?.color(), [desk.theme.isDark, candles])
  useEffect(() => chart.current?.show(candles))

  const { standing } = desk
  const last = candles.all.at(-1)
  const isEmpty = candles.isKnown && last === undefined
  const shown = (pointed && candles.all.findLast(({ start }) => start === pointed)) || last
  return (
    <section class="panel chart" aria-labelledby="chart-title">
      <div class="head">
        <h2 id="chart-title">
          {market.stock.symbol} <span class="quiet">{market.stock.venue}</span>{' '}
          {standing !== undefined && (
            <span class="standing" data-standing={standing}>
              {standings[standing].name}
            </span>
          )}
        </h2>
        <Segments
          legend="Interval"
          name="interval"
          value={interval}
          options={intervals.map((one) => [one, one])}
          onChoose={(one) => {
            remember('interval', one)
            choose(one)
          }}
        />
      </div>
      <div class="body">
        {shown && <Legend candle={shown} units={market.units} />}
        <figure
          class="canvas"
          ref={element}
          aria-label={last === undefined ? 'Chart' : `Chart, last price ${market.units.price(last.close)}`}
        />
        {isEmpty && (
          <p class="empty">
            Nothing has been traded yet.
            {!market.isReadOnly &&
              ' Place a buy and a sell order at one price, and the first candle is drawn here.'}
          </p>
        )}
      </div>
    </section>
  )
}

function Legend({ candle, units }: { candle: Candle; units: Units }) {
  const tone = candle.close >= candle.open ? 'buy' : 'sell'
  const parts = [
    ['O', candle.open],
    ['H', candle.high],
    ['L', candle.low],
    ['C', candle.close],
  ] as const
  return (
    <p class="legend">
      {parts.map(([name, price]) => (
        <span key={name}>
          {name} <b class={tone}>{units.price(price)}</b>
        </span>
      ))}
      <span>
        V <b>{units.quantity(candle.volume)}</b>
      </span>
    </p>
  )
}
