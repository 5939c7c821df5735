import { useCallback, useState } from 'preact/hooks'
import type { Desk } from '../model/desk.ts'
import type { Market } from '../model/market.ts'
import { Tabs } from '../parts/tabs.tsx'
import { useWatched } from '../parts/use-watched.ts'
import { Fills } from './fills.tsx'
import { CancelAll, OpenOrders } from './open-orders.tsx'
import { Scores } from './scores.tsx'

/** Own orders, own fills, and how everybody does. */
export function Blotter({ desk, market }: { desk: Desk; market: Market }) {
  const { account } = desk
  useWatched(account)
  const [chosen, choose] = useState<'orders' | 'fills' | 'scores'>('orders')
  const [news, setNews] = useState({ text: '', isProblem: false })
  const tell = useCallback((text: string, isProblem = false) => setNews({ text, isProblem }), [])
  const tab = market.isReadOnly ? 'scores' : chosen
  const count = account?.orders.length ?? 0
  const many = `${count.toLocaleString('en')}${account?.hasMore === true ? '+' : ''}`
  const scores = ['scores', 'Scores'] as const
  const own = [
    ['orders', count === 0 ? 'Open orders' : `Open orders ${many}`],
    ['fills', 'Fills'],
  ] as const
  return (
    <section class="panel blotter" aria-label="Orders and scores">
      <Tabs
        label="What to show"
        value={tab}
        options={market.isReadOnly ? [scores] : [...own, scores]}
        onChoose={choose}
        aside={tab === 'orders' && count > 0 && <CancelAll desk={desk} market={market} tell={tell} />}
      >
        {tab === 'orders' && <OpenOrders desk={desk} market={market} tell={tell} />}
        {tab === 'fills' && <Fills desk={desk} />}
        {tab === 'scores' && <Scores desk={desk} market={market} />}
      </Tabs>
      <p class={news.isProblem ? 'news problem' : 'news'} role="status">
        {tab === 'orders' && news.text}
      </p>
    </section>
  )
}
