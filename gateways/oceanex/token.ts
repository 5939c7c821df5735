import { decodeJwt, errors, jwtVerify } from 'jose'
import type { Fields } from './codec.ts'
import { type Context, secondsOf } from './context.ts'
import { codes, Failure, missing } from './errors.ts'
import { checkAddress } from './keys.ts'
import type { UserSettings } from './settings.ts'

/** What a token of REST says: whose it is, and what is asked for. */
export interface Signed {
  readonly user: UserSettings
  readonly args: Fields
}

/**
 * Reads a token: a JWT that a key of the account has signed with RS256, with the arguments of the call in the claim
 * `data`. Throws a `Failure` that says why it is no good.
 */
export async function readToken(context: Context, token: unknown, address: string): Promise<Signed> {
  if (token === undefined || token === '') throw missing('user_jwt')
  const claims = typeof token === 'string' ? claimsOf(token) : undefined
  if (typeof token !== 'string' || claims === undefined) throw wrong()
  const { uid, apikey_id: apiKey, data = {} } = claims
  if (typeof uid !== 'string') throw missing('uid')
  const named = typeof apiKey === 'string' ? [context.keys.find(uid, apiKey)] : context.keys.of(uid)
  const users = named.filter((user) => user?.enabled === true) as UserSettings[]
  if (users.length === 0) throw new Failure(codes.unknownKey, 'The API key is unknown or disabled')
  const user = await signerOf(context, token, users)
  checkAddress(user, address)
  if (context.settings.requireExp && claims.exp === undefined) throw missing('exp')
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new Failure(codes.badRequest, 'data does not have a valid value')
  return { user, args: data as Fields }
}

/** The first of some keys that has signed a token. */
async function signerOf(
  { clock }: Context,
  token: string,
  users: readonly UserSettings[],
): Promise<UserSettings> {
  const currentDate = new Date(secondsOf(clock()) * 1000)
  for (const user of users) {
    try {
      await jwtVerify(token, user.publicKey, { algorithms: ['RS256'], currentDate })
      return user
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new Failure(codes.nonce, 'The token has expired')
      if (error instanceof errors.JWTClaimValidationFailed)
        throw new Failure(codes.nonce, `The token does not hold now: ${error.claim}`)
      if (!(error instanceof errors.JOSEError)) throw error
    }
  }
  throw wrong()
}

function claimsOf(token: string): Fields | undefined {
  try {
    return decodeJwt(token)
  } catch {
    return undefined
  }
}

function wrong(): Failure {
  return new Failure(codes.authentication, 'The token is wrong')
}
