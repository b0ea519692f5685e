import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { resolvedGateSymbol } from '@p2pshare/interface'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { describe, expect, test } from 'vitest'
import { MAX_ADDRESSES_PER_NAME, MAX_RACE_ADDRESSES } from '../src/constants.ts'
import { Dialer } from '../src/dialer.ts'
import type { DialRequest, DialerInit } from '../src/dialer.ts'
import { blackHole } from './support/black-hole.ts'
import { addressOf } from './support/nodes.ts'
import { cleanUpSockets, closedPort, serve } from './support/sockets.ts'

checkLeaks()
cleanUpSockets()

interface Outcome {
  readonly won:
    { readonly address: Multiaddr; readonly host: string | undefined; readonly port: number | undefined } | undefined
  readonly tried: string[]
  readonly failures: unknown[]
}

/** The first that connects; its socket is destroyed at once. */
async function dial(
  address: Multiaddr,
  companions: Multiaddr[] = [],
  init: Partial<DialerInit> = {},
  request: Partial<DialRequest> = {}
): Promise<Outcome> {
  const dialer = new Dialer({ attemptDelayMs: 5, connectTimeoutMs: 60_000, gater: undefined, ...init })
  const tried: string[] = []
  const failures: unknown[] = []
  const found = dialer.dial({
    address,
    companions: { addresses: companions, tried: (other) => tried.push(other.toString()) },
    signal: new AbortController().signal,
    localPort: undefined,
    onFailure: (error) => failures.push(error),
    ...request
  })
  for await (const { address: winner, socket } of found) {
    const won = { address: winner, host: socket.remoteAddress, port: socket.remotePort }
    socket.destroy()
    return { won, tried, failures }
  }
  return { won: undefined, tried, failures }
}

const names = (hosts: Record<string, string[]>): Partial<DialerInit> => ({
  lookUp: async (host) => {
    const found = hosts[host]
    if (found === undefined) {
      throw new TypeError(`no such host: ${host}`)
    }
    return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  }
})

describe('several addresses', () => {
  test.runIf(process.platform === 'linux')('one that does not answer costs a delay, and not the dial', async () => {
    await using hole = await blackHole()
    const { port } = await serve()
    const { won } = await dial(addressOf(hole.port), [addressOf(port)])
    expect(won?.address.toString()).toBe(addressOf(port).toString())
    expect(won?.port).toBe(port)
  })

  test('one that refuses costs nothing', async () => {
    const { port } = await serve()
    const refusing = addressOf(await closedPort())
    const { won, failures } = await dial(refusing, [addressOf(port)], { attemptDelayMs: 60_000 })
    expect(won?.port).toBe(port)
    expect(failures).toMatchObject([{ name: 'ConnectFailedError', cause: { code: 'ECONNREFUSED' } }])
  })

  test('MAX_RACE_ADDRESSES of them are tried, and not one more', async () => {
    const refusing = addressOf(await closedPort())
    const { won, tried } = await dial(refusing, Array<Multiaddr>(MAX_RACE_ADDRESSES - 1).fill(refusing))
    expect(won).toBeUndefined()
    expect(tried).toHaveLength(MAX_RACE_ADDRESSES)
    expect((await dial(refusing, Array<Multiaddr>(MAX_RACE_ADDRESSES).fill(refusing))).tried).toHaveLength(
      MAX_RACE_ADDRESSES
    )
  })

  test('the asked one is first, then families by turns, public before private before loopback', async () => {
    const texts = [
      '/ip4/127.0.0.1/tcp/1',
      '/ip4/10.0.0.1/tcp/1',
      '/ip4/1.2.3.4/tcp/1',
      '/ip6/::1/tcp/1',
      '/ip6/2001:db8::1/tcp/1'
    ]
    const asked = '/ip4/127.0.0.1/tcp/2'
    const gater = { denyDialMultiaddr: async () => true }
    const { tried, failures } = await dial(addressOf(await closedPort()), texts.map(multiaddr), { gater })
    expect(tried.slice(1)).toEqual([
      '/ip6/2001:db8::1/tcp/1',
      '/ip4/1.2.3.4/tcp/1',
      '/ip6/::1/tcp/1',
      '/ip4/10.0.0.1/tcp/1',
      '/ip4/127.0.0.1/tcp/1'
    ])
    expect(tried).not.toContain(asked)
    expect(failures.slice(1)).toMatchObject(Array(5).fill({ name: 'AddressDeniedError' }))
  })

  test('the connection gater is asked about each but the asked one, about which libp2p has asked', async () => {
    const { port } = await serve()
    const refusing = addressOf(await closedPort())
    const asked: string[] = []
    const gater = {
      denyDialMultiaddr: async (address: Multiaddr) => {
        asked.push(address.toString())
        return true
      }
    }
    const { won } = await dial(refusing, [addressOf(port)], { gater })
    expect(won).toBeUndefined()
    expect(asked).toEqual([addressOf(port).toString()])
  })

  test('without a delay only the asked one is tried', async () => {
    const { port } = await serve()
    const { won, tried } = await dial(addressOf(await closedPort()), [addressOf(port)], { attemptDelayMs: 0 })
    expect(won).toBeUndefined()
    expect(tried).toHaveLength(1)
  })

  test('from a local port only the asked one is tried', async () => {
    const { port } = await serve()
    const { won, tried } = await dial(
      addressOf(await closedPort()),
      [addressOf(port)],
      {},
      { localPort: await closedPort() }
    )
    expect(won).toBeUndefined()
    expect(tried).toHaveLength(1)
  })
})

describe('names', () => {
  test('one that stands for another address each time is looked up once, and what the gater saw is dialled', async () => {
    const { port } = await serve()
    const answers = ['127.0.0.1', '127.0.0.9']
    const asked: string[][] = []
    const gater = {
      [resolvedGateSymbol]: (found: Multiaddr, named: Multiaddr) => {
        asked.push([found.toString(), named.toString()])
        return false
      }
    }
    const lookUp = async (): Promise<{ address: string; family: number }[]> => [
      { address: answers.shift() ?? '127.0.0.10', family: 4 }
    ]
    const named = `/dns4/rebind.test/tcp/${port}`
    const { won } = await dial(multiaddr(named), [], { gater, lookUp })
    expect(won?.host).toBe('127.0.0.1')
    expect(asked).toEqual([[`/ip4/127.0.0.1/tcp/${port}`, named]])
    expect(answers).toEqual(['127.0.0.9'])
  })

  test('all that one stands for is tried', async () => {
    const { port } = await serve()
    const { won, failures } = await dial(
      multiaddr(`/dns/twice.test/tcp/${port}`),
      [],
      names({ 'twice.test': ['::1', '127.0.0.1'] })
    )
    expect(won?.address.toString()).toBe(`/dns/twice.test/tcp/${port}`)
    expect(won?.host).toBe('127.0.0.1')
    expect(failures).toHaveLength(1)
  })

  test.each([
    ['dns', 0],
    ['dns4', 4],
    ['dns6', 6]
  ])('%s asks for family %i', async (protocol, expected) => {
    const families: number[] = []
    const lookUp = async (_: string, family: number) => {
      families.push(family)
      return []
    }
    await dial(multiaddr(`/${protocol}/example.test/tcp/1`), [], { lookUp })
    expect(families).toEqual([expected])
  })

  test('localhost is a name that the system knows', async () => {
    const { port } = await serve()
    const { won } = await dial(multiaddr(`/dns4/localhost/tcp/${port}`))
    expect(won?.port).toBe(port)
  })

  test('one that nobody knows is a failure with its name', async () => {
    const { won, failures } = await dial(multiaddr('/dns4/nobody.test/tcp/1'), [], names({}))
    expect(won).toBeUndefined()
    expect(failures).toMatchObject([{ name: 'ConnectFailedError', address: 'nobody.test:1' }])
  })

  test('one that stands for nothing is a failure too', async () => {
    const { failures } = await dial(multiaddr('/dns4/empty.test/tcp/1'), [], names({ 'empty.test': [] }))
    expect(failures).toMatchObject([{ name: 'ConnectFailedError', address: 'empty.test:1' }])
  })

  test('MAX_ADDRESSES_PER_NAME of what it stands for are tried, and not one more', async () => {
    const port = await closedPort()
    for (const [count, expected] of [
      [MAX_ADDRESSES_PER_NAME, MAX_ADDRESSES_PER_NAME],
      [MAX_ADDRESSES_PER_NAME + 1, MAX_ADDRESSES_PER_NAME]
    ] as const) {
      const hosts = { 'many.test': Array<string>(count).fill('127.0.0.1') }
      const { failures } = await dial(multiaddr(`/dns4/many.test/tcp/${port}`), [], names(hosts))
      expect(failures).toHaveLength(expected)
    }
  })

  test('the connection gater is asked about what it stands for, so that no name leads around it', async () => {
    const { port } = await serve()
    const asked: string[] = []
    const gater = {
      denyDialMultiaddr: async (address: Multiaddr) => {
        asked.push(address.toString())
        return true
      }
    }
    const hosts = names({ 'rebound.test': ['127.0.0.1'] })
    const { won, failures } = await dial(multiaddr(`/dns4/rebound.test/tcp/${port}`), [], { ...hosts, gater })
    expect(won).toBeUndefined()
    expect(asked).toEqual([`/ip4/127.0.0.1/tcp/${port}`])
    expect(failures).toMatchObject([{ name: 'AddressDeniedError', code: 'ERR_ADDRESS_DENIED' }])
  })

  test('looking one up can be given up', async () => {
    const controller = new AbortController()
    const lookUp = (): Promise<never> => {
      controller.abort(new TypeError('enough'))
      return new Promise(() => {})
    }
    const dialling = dial(multiaddr('/dns4/slow.test/tcp/1'), [], { lookUp }, { signal: controller.signal })
    await expect(dialling).rejects.toThrow('enough')
  })
})
