import { multiaddr } from '@multiformats/multiaddr'
import { resolvedGateSymbol } from '@p2pshare/interface'
import { DialGate } from '../../src/dial-gate/dial-gate.ts'
import { randomAddress, randomHost, randomNumbers } from './generate.ts'
import { isHandedOut, mayBeDialled } from './oracle.ts'

/** What became of generated addresses; those lists are empty, or the gate is wrong. */
export interface Knocked {
  readonly dialled: number
  readonly wronglyDialled: readonly string[]
  readonly wronglyRefused: readonly string[]
}

/**
 * Asks a gate about addresses, each written out, and as what a name stood for when it was looked up. It is the gate of a
 * node that has named nothing and is in no network.
 */
export function knockAtAll(count: number, seed: number): Knocked {
  const gate = new DialGate({ networks: () => [] })
  const random = randomNumbers(seed)
  const [wronglyDialled, wronglyRefused]: [string[], string[]] = [[], []]
  let dialled = 0
  for (let n = 0; n < count; n++) {
    const host = randomHost(random)
    const text = randomAddress(random, host)
    const address = multiaddr(text)
    const port = Number(/\/(?:tcp|udp)\/(\d+)/u.exec(text)?.[1])
    const isPeerPort = port >= 1024 || (text.endsWith('/ws') && (port === 80 || port === 443))
    const isAllowed =
      (n & 3) === 0
        ? !gate[resolvedGateSymbol](multiaddr(address.toString().split('/p2p')[0] ?? ''), rebinding(port, text))
        : !gate.denyDialMultiaddr(address)
    if (isAllowed) {
      dialled += 1
    }
    if (isAllowed && !(mayBeDialled(host) && isPeerPort)) {
      wronglyDialled.push(text)
    }
    if (!isAllowed && isPeerPort && mayBeDialled(host) && isHandedOut(host)) {
      wronglyRefused.push(text)
    }
  }
  return { dialled, wronglyDialled, wronglyRefused }
}

/** A name of a stranger, which stood for something else a moment ago. */
function rebinding(port: number, text: string): ReturnType<typeof multiaddr> {
  const ws = text.endsWith('/ws') ? '/ws' : ''
  return multiaddr(`/dns/rebind.example/tcp/${Number.isNaN(port) ? 4001 : port}${ws}`)
}
