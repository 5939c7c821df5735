import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a player proves with who it is, and the hash of it that the exchange keeps. */
export function createToken(): { readonly token: string; readonly hash: string } {
  const token = randomBytes(32).toString('hex')
  return { token, hash: hashOf(token).toString('hex') }
}

/** Whether a token is the one of a hash. Takes as long for a wrong one as for the right one. */
export function isToken(token: unknown, hash: string | undefined): boolean {
  if (typeof token !== 'string' || hash === undefined) return false
  const expected = Buffer.from(hash, 'hex')
  const found = hashOf(token)
  return found.length === expected.length && timingSafeEqual(found, expected)
}

/** A token has 256 random bits: nobody finds it by trying, so a fast hash is enough, and `auth` is cheap. */
function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
