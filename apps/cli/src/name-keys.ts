import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { PeerId } from '@libp2p/interface'
import { UsageError } from './errors.ts'
import type { GlobalOptions } from './global-options.ts'
import { defaultHome } from './open-node.ts'

/** A file name on every system, and nothing that a name of the network looks like. */
const LABEL = /^[a-z0-9][a-z0-9._-]{0,62}$/iu

/** Throws `UsageError` for what a name of one's own cannot be called. */
export function checkLabel(label: string): void {
  if (!isLabel(label)) {
    throw new UsageError(`'${label}' cannot be the name of a key`, 'use letters, digits, dots and dashes, 63 at most')
  }
}

/** Where the key of a name of one's own is: `<home>/names/<label>.key`. Throws `UsageError`. */
export async function nameKeyPath({ home = defaultHome() }: GlobalOptions, label: string): Promise<string> {
  checkLabel(label)
  const directory = join(home, 'names')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return join(directory, `${label}.key`)
}

/** The network's name for what somebody typed: that, or what a name of one's own is called. Throws `UsageError`. */
export async function parseWanted({ home = defaultHome() }: GlobalOptions, text: string): Promise<PeerId> {
  const { loadOrCreateIdentity, parseName } = await import('@p2pshare/core')
  if (!isLabel(text)) {
    return parseName(text)
  }
  const path = join(home, 'names', `${text}.key`)
  if (!(await exists(path))) {
    throw new UsageError(
      `'${text}' is no name of this home`,
      'those of others begin with k51, as publish printed them; one of your own is made with p2pshare publish'
    )
  }
  return peerIdFromPrivateKey(await loadOrCreateIdentity(path))
}

function isLabel(text: string): boolean {
  return LABEL.test(text) && !isNetworkName(text)
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
