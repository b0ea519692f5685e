import { InvalidOptionError } from '@p2pshare/interface'
import { expect, test } from 'vitest'
import { MAX_ICE_STUN_SERVERS, MAX_TURN_SERVERS, MAX_TURN_TEXT_BYTES } from '../../src/ice/constants.ts'
import { rtcConfiguration, withIce } from '../../src/ice/index.ts'
import type { RtcConfiguration, TurnServer } from '../../src/ice/index.ts'
import type { Transport } from '@libp2p/interface'

const turn: TurnServer = { url: 'turn:turn.example.org', username: 'me', credential: 'secret' }
const at = (host: string, port = 3478) => ({ address: { host, port } })

function urls({ iceServers }: RtcConfiguration): string[] {
  return iceServers.flatMap((server) => server.urls)
}

test('whoever knows no server gives an empty list, for without one libp2p asks servers of others', () => {
  expect(rtcConfiguration()()).toEqual({ iceServers: [] })
})

test('the best STUN servers are given as they are known at the time, as many as are of use', () => {
  const known = [at('192.0.2.1'), at('192.0.2.2', 1), at('192.0.2.3')].slice(0, MAX_ICE_STUN_SERVERS)
  const rtc = rtcConfiguration({ stunServers: () => known })
  expect(urls(rtc())).toEqual(['stun:192.0.2.1:3478', 'stun:192.0.2.2:1'])
  known.push(at('192.0.2.4'))
  expect(known).toHaveLength(MAX_ICE_STUN_SERVERS + 1)
  expect(urls(rtc())).toHaveLength(MAX_ICE_STUN_SERVERS)
  known.splice(0, 2)
  expect(urls(rtc())).toEqual(['stun:192.0.2.4:3478'])
})

test('servers of IPv6 are given where there are no others', () => {
  const ip6 = at('2001:db8::1')
  expect(urls(rtcConfiguration({ stunServers: () => [ip6, at('192.0.2.1')] })())).toEqual(['stun:192.0.2.1:3478'])
  expect(urls(rtcConfiguration({ stunServers: () => [ip6] })())).toEqual(['stun:2001%3Adb8%3A%3A1:3478'])
})

test('what a connection does to its configuration is not seen by the next one', () => {
  const rtc = rtcConfiguration({ turnServers: [turn] })
  rtc().iceServers.pop()
  expect(urls(rtc())).toEqual(['turn:turn.example.org'])
})

test('user name and credential are such that they can be put into a URL', () => {
  const rtc = rtcConfiguration({ turnServers: [{ ...turn, username: '17:a@b', credential: 'é%/' }] })
  expect(rtc().iceServers).toEqual([{ urls: [turn.url], username: '17%3Aa%40b', credential: '%C3%A9%25%2F' }])
})

test.each([
  'turn:192.0.2.1',
  'turn:turn.example.org:3478',
  'turns:turn.example.org:5349?transport=tcp',
  'turn:a:65535?transport=udp'
])('%s is a TURN server', (url) => {
  expect(urls(rtcConfiguration({ turnServers: [{ ...turn, url }] })())).toEqual([url])
})

test('an address of IPv6 is given as libdatachannel takes it, which throws for brackets', () => {
  const url = 'turn:[2001:DB8::1]:3478?transport=udp'
  expect(urls(rtcConfiguration({ turnServers: [{ ...turn, url }] })())).toEqual([
    'turn:2001%3ADB8%3A%3A1:3478?transport=udp'
  ])
})

test.each([
  'stun:turn.example.org',
  'https://turn.example.org',
  'turn://turn.example.org',
  'TURN:turn.example.org',
  'turn:me:secret@turn.example.org',
  'turn:turn.example.org:0',
  'turn:turn.example.org:65536',
  'turn:turn.example.org?transport=sctp',
  'turn:[2001:db8::1::1]',
  'turn:-a',
  'turn:',
  'turn:turn.example.org\n',
  ''
])('%j is none, and is not repeated', (url) => {
  const make = (): unknown => rtcConfiguration({ turnServers: [{ ...turn, url }] })
  expect(make).toThrow(InvalidOptionError)
  expect(make).toThrow(/^option turnServers\[0\]\.url: is not turn:<host>/)
  expect(make).not.toThrow('secret')
})

test('user name and credential are texts of no more than MAX_TURN_TEXT_BYTES', () => {
  const most = 'é'.repeat(MAX_TURN_TEXT_BYTES / 2)
  expect(() => rtcConfiguration({ turnServers: [{ ...turn, username: most, credential: most }] })).not.toThrow()
  for (const text of [`${most}x`, '', 'a\nb', '\ud800', undefined as unknown as string]) {
    for (const name of ['username', 'credential']) {
      const make = (): unknown =>
        withIce(() => () => ({}) as Transport, { turnServers: [turn, { ...turn, [name]: text }] })
      expect(make).toThrow(`option turnServers[1].${name}: is not a text of 1 to 508 bytes`)
    }
  }
})

test('more than MAX_TURN_SERVERS are refused', () => {
  const most = Array.from({ length: MAX_TURN_SERVERS }, () => turn)
  expect(urls(rtcConfiguration({ turnServers: most })())).toHaveLength(MAX_TURN_SERVERS)
  expect(() => rtcConfiguration({ turnServers: [...most, turn] })).toThrow('option turnServers: 3 are more than 2')
})
