// Runs one old client, unmodified, and calls what its parent process says. Started by old-client.ts.
import { createRequire } from 'node:module'
import net from 'node:net'

const [, , name, port, key, ...settings] = process.argv

// The hosts are fixed in the clients. Only the TCP connection goes elsewhere: names, `Host` header and the check of
// the certificate stay as they were.
const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...given) {
  const [first, ...rest] = Array.isArray(given[0]) ? given[0] : given
  if (!/^(api|www)\.stockfighter\.io$/.test(first?.host) || first.port !== 443) {
    throw new Error(`an old client connects to somewhere else: ${JSON.stringify(first)}`)
  }
  return connect.call(this, { ...first, host: '127.0.0.1', port: Number(port) }, rest.find(isFunction))
}

const make = {
  stockfighter: (Client, apiKey, account) => new Client({ apiKey, account }),
  'stockfighter-api': (client, apiKey, account, venue, stock) => client(apiKey, { account, venue, stock }),
  'stockfighter-client': (client, apiKey) => client(apiKey),
}
const load = createRequire(new URL('../old-clients/package.json', import.meta.url))
const client = make[name](load(name), key, ...settings)

process.on('message', async ({ id, path, args, close }) => {
  if (close) return streams.get(close)?.close()
  try {
    const [method, ...owners] = path.split('.').reverse()
    const owner = owners.reverse().reduce((object, part) => object[part], client)
    process.send({ id, value: await passed(owner[method](...args.map(received)), id) })
  } catch (error) {
    process.send({ id, error: error instanceof Error ? { message: error.message, ...error } : error })
  }
})
process.on('disconnect', () => process.exit())
process.send({ offered: functionsOf(client) })

/** `{ callback: 'name' }` in an argument becomes a function that tells the parent. */
function received(value) {
  if (typeof value !== 'object' || value === null) return value
  if (typeof value.callback === 'string') {
    return (...args) => process.send({ from: value.callback, event: 'called', args })
  }
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, received(part)]))
}

const streams = new Map()

/** A socket or emitter cannot travel: its events do, under the id of the call that made it. */
function passed(result, id) {
  if (!isFunction(result?.on) || isFunction(result.then)) return result
  const stream = `stream ${id}`
  streams.set(stream, result)
  for (const event of ['open', 'message', 'close', 'error']) {
    result.on(event, (...args) => {
      process.send({
        from: stream,
        event,
        args: args.map((arg) => (arg instanceof Error ? arg.message : arg)),
      })
    })
  }
  return stream
}

function functionsOf(object, prefix = '') {
  const own = Object.getOwnPropertyNames(object)
  const shared = prefix === '' ? Object.getOwnPropertyNames(Object.getPrototypeOf(object)) : []
  return [...own, ...shared].flatMap((name) => {
    if (name in Object.prototype) return []
    if (isFunction(object[name])) return isRest(object, name) ? [] : [prefix + name]
    return isPlain(object[name]) ? functionsOf(object[name], `${prefix}${name}.`) : []
  })
}

/** The HTTP library's own functions, which one of the clients keeps in its fields. */
function isRest(object, name) {
  return Object.hasOwn(object, name) && isFunction(object[name].wrap)
}

function isPlain(value) {
  return typeof value === 'object' && value !== null
}

function isFunction(value) {
  return typeof value === 'function'
}
