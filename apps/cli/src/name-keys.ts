import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { PeerId } from '@libp2p/interface'
import { UsageError } from './errors.ts'
import type { GlobalOptions } from './global-options.ts'
import { defaultHome } from './open-node.ts'

/** A file name on every system, and nothing that a name of the network looks like. */
const LABEL = /^[a-z0-9][a-z0-9._-]{0,62}$/iu

/** Where the key of a name of one's own is: `<home>/names/<label>.key`. Throws `UsageError`. */
export async function nameKeyPath({ home = defaultHome() }: GlobalOptions, label: string): Promise<string> {
  if (!LABEL.test(label) || isNetworkName(label)) {
    throw new UsageError(`'${label}' cannot be the name of a key`, 'use letters, digits, dots and dashes, 63 at most')
  }
  const directory = join(home, 'names')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return join(directory, `${label}.key`)
}

/** The network's name for one of one's own; `undefined` when there is no such key. */
export async function nameOfLabel({ home = defaultHome() }: GlobalOptions, label: string): Promise<PeerId | undefined> {
  const path = join(home, 'names', `${label}.key`)
  if (!LABEL.test(label) || isNetworkName(label) || !(await exists(path))) {
    return undefined
  }
  const { loadOrCreateIdentity } = await import('@p2pshare/core')
  return peerIdFromPrivateKey(await loadOrCreateIdentity(path))
}

function isNetworkName(text: string): boolean {
  return /^(?:k51|12D3Koo)/u.test(text)
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
