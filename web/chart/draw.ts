import {
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type IChartApi,
  type UTCTimestamp,
} from 'lightweight-charts'
import type { Candle, CandleInterval } from '../../sdk/index.ts'
import type { Candles } from '../model/candles.ts'
import type { Units } from '../model/units.ts'
import { colorOf } from '../parts/colors.ts'

/** Candles that the user has left to see before older ones are asked for. */
const early = 20

interface ChartEvents {
  /** When the candle begins that is under the pointer; undefined when none is. */
  onPoint(start: string | undefined): void
  /** The user looks at the oldest candles. */
  onEarly(): void
}

/** A chart in an element. It counts in whole ticks and lots; only its labels are in prices and quantities. */
export function drawChart(element: HTMLElement, interval: CandleInterval, units: Units, events: ChartEvents) {
  const chart: IChartApi = createChart(element, {
    autoSize: true,
    layout: { fontSize: 11, fontFamily: getComputedStyle(element).fontFamily },
    rightPriceScale: {
      borderVisible: false,
      entireTextOnly: true,
      scaleMargins: { top: 0.12, bottom: 0.26 },
    },
    timeScale: {
      borderVisible: false,
      timeVisible: interval !== '1d',
      secondsVisible: interval === '1s',
      rightOffset: 4,
      barSpacing: 8,
    },
    crosshair: { mode: 0 },
  })
  const prices = chart.addSeries(CandlestickSeries, {
    borderVisible: false,
    priceFormat: { type: 'custom', minMove: 1, formatter: (ticks: number) => units.price(Math.round(ticks)) },
  })
  const volumes = chart.addSeries(HistogramSeries, {
    priceScaleId: '',
    lastValueVisible: false,
    priceLineVisible: false,
    priceFormat: {
      type: 'custom',
      minMove: 1,
      formatter: (lots: number) => units.quantity(Math.round(lots)),
    },
  })
  volumes.priceScale().applyOptions({ scaleMargins: { top: 0.8, bottom: 0 } })
  let shown: Candles | undefined
  let epoch = 0
  let count = 0
  let colors = { up: '', down: '' }

  const volumeOf = (candle: Candle) => ({
    time: timeOf(candle),
    value: candle.volume,
    color: candle.close >= candle.open ? colors.up : colors.down,
  })
  const showAll = () => {
    if (shown === undefined) return
    prices.setData(shown.all.map(barOf))
    volumes.setData(shown.all.map(volumeOf))
  }

  chart.subscribeCrosshairMove(({ time }) => {
    events.onPoint(
      time === undefined ? undefined : shown?.all.findLast((candle) => timeOf(candle) === time)?.start,
    )
  })
  chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
    if (range !== null && range.from < early) events.onEarly()
  })

  return {
    /** Draws what has changed since the last time. */
    show(candles: Candles): void {
      if (candles !== shown || candles.epoch !== epoch) {
        shown = candles
        epoch = candles.epoch
        showAll()
      } else {
        for (const candle of candles.all.slice(Math.max(0, count - 1))) {
          prices.update(barOf(candle))
          volumes.update(volumeOf(candle))
        }
      }
      count = candles.all.length
    },
    /** Takes the colors of the page. */
    color(): void {
      const [up, down, grid, text] = ['buy', 'sell', 'grid', 'quiet'].map(colorOf) as [
        string,
        string,
        string,
        string,
      ]
      colors = { up: colorOf('buy-volume'), down: colorOf('sell-volume') }
      chart.applyOptions({
        layout: { background: { color: colorOf('panel') }, textColor: text },
        grid: { vertLines: { color: grid }, horzLines: { color: grid } },
      })
      prices.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down })
      showAll()
    },
    remove(): void {
      chart.remove()
    },
  }
}

function barOf(candle: Candle) {
  const { open, high, low, close } = candle
  return { time: timeOf(candle), open, high, low, close }
}

/** The library knows no time zones: it is given the time here as if it were UTC. One offset for all, so that order stays. */
const offset = new Date().getTimezoneOffset() * 60

function timeOf({ start }: Candle): UTCTimestamp {
  return (Date.parse(start) / 1000 - offset) as UTCTimestamp
}
