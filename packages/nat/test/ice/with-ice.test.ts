import type { MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { giveStunServers, withIce } from '../../src/ice/index.ts'
import type { RtcConfiguration } from '../../src/ice/index.ts'

const at = (host: string) => ({ address: { host, port: 3478 } })
const upgraded: MultiaddrConnection[] = []
const upgrader = {
  upgradeInbound: async (connection: MultiaddrConnection) => void upgraded.push(connection),
  getConnectionEncrypters: () => new Map()
} as unknown as Upgrader

function transport(): Transport {
  return {} as Transport
}

test('a transport asks the servers of its own node, and a node tells the transports that want to know', () => {
  const made: (() => RtcConfiguration)[] = []
  const factory = withIce((rtc) => {
    made.push(rtc)
    return transport
  })
  const [one, other] = [factory({ upgrader }), factory({ upgrader })]
  giveStunServers({ getTransports: () => [transport(), one] }, () => [at('192.0.2.1')])
  giveStunServers({ getTransports: () => [other] }, () => [at('192.0.2.2')])
  expect(made.map((rtc) => rtc().iceServers)).toEqual([
    [{ urls: ['stun:192.0.2.1:3478'] }],
    [{ urls: ['stun:192.0.2.2:3478'] }]
  ])
})

test('what is not connected when the peer ends the talk about it is no connection', async () => {
  let given = upgrader
  withIce(() => (components: { upgrader: Upgrader }) => {
    given = components.upgrader
    return transport()
  })({ upgrader })
  const inState = (connectionState: string) =>
    ({ peerConnection: { connectionState } }) as unknown as MultiaddrConnection
  const options = { signal: new AbortController().signal }
  for (const state of ['new', 'connecting', 'disconnected', 'failed', 'closed']) {
    const words = `the peer gave up, WebRTC was ${state}`
    await expect(given.upgradeInbound(inState(state), options)).rejects.toThrow(words)
  }
  const others = [inState('connected'), {} as MultiaddrConnection]
  for (const connection of others) {
    await given.upgradeInbound(connection, options)
  }
  expect(upgraded).toEqual(others)
  expect(given.getConnectionEncrypters().size).toBe(0)
})
