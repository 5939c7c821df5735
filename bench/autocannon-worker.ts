import autocannon from 'autocannon'
import type { Load, LoadResult } from './load.ts'
import { mixedOrders, ordersPath } from './orders.ts'
import { answer, input } from './process.ts'

/** It makes each request anew for each connection before it sends any: with more it is busy with that for seconds. */
const mostPrepared = 128 * 1024

const { port, connections, seconds } = input<Load>()
const headers = { 'content-type': 'application/json' }
const result = await autocannon({
  url: `http://127.0.0.1:${port}`,
  connections,
  duration: seconds,
  requests: mixedOrders(Math.min(4096, Math.floor(mostPrepared / connections))).map((body) => ({
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
