// What `tap run` shows: a line for each test file, failures in full, and `N passed, N failed` at the end.
// Named in .taprc. `TAP=1 npx tap run` shows the raw TAP instead.
import { Transform } from 'node:stream'

const frame = /^ *(ok \d+|\d+\.\.\d+( |$)|# (Subtest|time=|\{ total:)|TAP version|# No coverage|$)/
const excused = /^ *not ok .* # (TODO|SKIP)\b/i

export default class Reporter extends Transform {
  #rest = ''
  #lastFailed = false
  /** While inside diagnostics: the line that ends them, and whether they belong to a failure. */
  #diagnostics
  /** tap's own counts; when they never come the run was cut short, and that is a failure. */
  #totals = { fail: 1 }

  constructor() {
    super({ encoding: 'utf8' })
  }

  _transform(chunk, _encoding, done) {
    const lines = (this.#rest + chunk).split('\n')
    this.#rest = lines.pop()
    for (const line of lines) this.#show(line)
    done()
  }

  _flush(done) {
    this.#show(this.#rest)
    const { pass = 0, fail = 0, skip = 0, todo = 0 } = this.#totals
    if (skip + todo > 0) this.push(`${skip} skipped, ${todo} to do\n`)
    this.push(`${pass} passed, ${fail} failed\n`)
    done()
  }

  #show(line) {
    const start = /^( *)---$/.exec(line)
    if (start && !this.#diagnostics) this.#diagnostics = { end: `${start[1]}...`, show: this.#lastFailed }
    if (this.#diagnostics) {
      const { end, show } = this.#diagnostics
      if (show) this.push(`${line}\n`)
      if (line === end) this.#diagnostics = undefined
      return
    }
    const totals = /^# \{ total: .* \}$/.exec(line)
    if (totals) {
      const pairs = line.matchAll(/(\w+): (\d+)/g)
      this.#totals = Object.fromEntries([...pairs].map(([, name, n]) => [name, Number(n)]))
      return
    }
    this.#lastFailed = /^ *not ok /.test(line) && !excused.test(line)
    const file = /^ok \d+ - (.*?)( # .*)?$/.exec(line)
    if (file) this.push(`ok ${file[1]}\n`)
    else if (this.#lastFailed || !(frame.test(line) || excused.test(line))) this.push(`${line}\n`)
  }
}
