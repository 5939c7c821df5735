import { constants, createPrivateKey, sign } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'

/** Who logs in, and the file that its private key is in. */
export interface Credentials {
  readonly uid: string
  readonly apiKey: string
  readonly keyFile: string
}

const path = '/ws/v1'

/** What a login has in its header. Reads the key anew each time; throws an error of one line when it cannot be used. */
export function loginHeader({ uid, apiKey, keyFile }: Credentials, nonce: number): object {
  const text = `GET|${path}|${nonce}|`
  const key = { key: readKey(keyFile), padding: constants.RSA_PKCS1_PADDING }
  const signature = sign('sha256', Buffer.from(text), key).toString('base64')
  return { uid, api_key: apiKey, nonce, verb: 'GET', path, signature }
}

/** What a person should know of the file of a key; undefined when nothing is wrong. */
export function keyWarning(keyFile: string): string | undefined {
  const mode = statSync(keyFile, { throwIfNoEntry: false })?.mode ?? 0
  if (process.platform === 'win32' || (mode & 0o077) === 0) return undefined
  return `${keyFile} can be read by others: chmod 600 ${keyFile}`
}

function readKey(keyFile: string): ReturnType<typeof createPrivateKey> {
  let pem: string
  try {
    pem = readFileSync(keyFile, 'utf8')
  } catch (error) {
    throw new Error(`${keyFile} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
  try {
    return createPrivateKey(pem)
  } catch {
    throw new Error(`${keyFile} holds no private key in PEM form, or one with a passphrase`)
  }
}
