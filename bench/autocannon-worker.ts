import autocannon from 'autocannon'
import type { Load, LoadResult } from './load.ts'
import { mixedOrders, ordersPath } from './orders.ts'
import { answer, input } from './process.ts'

const { port, connections, seconds } = input<Load>()
const headers = { 'content-type': 'application/json' }
const result = await autocannon({
  url: `http://127.0.0.1:${port}`,
  connections,
  duration: seconds,
  requests: mixedOrders().map((body) => ({
    method: 'POST',
    path: ordersPath,
    headers,
    body: JSON.stringify(body),
  })),
})
if (result.errors > 0 || result.non2xx > 0)
  throw new Error(`${result.errors} errors, ${result.non2xx} refused`)
const requests = result.requests.total
answer({ requests, perSecond: requests / result.duration } satisfies LoadResult)
