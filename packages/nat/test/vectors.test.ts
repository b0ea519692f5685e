import { readFile } from 'node:fs/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { decodePunch, encodePunch } from '../src/punch/wire/codec.ts'
import { ProbeCodec, probeKey } from '../src/punch/wire/probe.ts'
import type { ProbeKind } from '../src/punch/wire/probe.ts'
import type { PunchMessage, Role } from '../src/punch/types.ts'
import { encodeAnswer, encodeAsk, encodeProof } from '../src/reachability/dial-back/wire.ts'

type Vectors = Record<'probes' | 'punch' | 'dialBack', Record<string, string>>

const vectors = JSON.parse(await readFile(new URL('fixtures/nat-vectors.json', import.meta.url), 'utf8')) as Vectors
const bytes = (hex: string | undefined): Uint8Array => Uint8Array.from(Buffer.from(hex ?? '', 'hex'))
const hex = (array: Uint8Array): string => Buffer.from(array).toString('hex')

const attempt = bytes(vectors.probes['attempt'])
const secrets = {
  initiator: bytes(vectors.probes['initiatorSecret']),
  responder: bytes(vectors.probes['responderSecret'])
}

test('the key of an attempt is that of the vectors', () => {
  expect(hex(probeKey(secrets))).toBe(vectors.probes['key'])
})

test.each<[string, Role, ProbeKind, number]>([
  ['initiatorProbe', 'initiator', 'probe', 0],
  ['responderAck', 'responder', 'ack', 0],
  ['initiatorNominate1', 'initiator', 'nominate', 1],
  ['responderReady1', 'responder', 'ready', 1]
])('%s is written as in the vectors, and read by the other end', (name, role, kind, index) => {
  const key = probeKey(secrets)
  const datagram = new ProbeCodec({ attempt, key, role }).encode({ kind, index })
  expect(hex(datagram)).toBe(vectors.probes[name])
  const other = role === 'initiator' ? 'responder' : 'initiator'
  expect(new ProbeCodec({ attempt, key, role: other }).decode(datagram)).toEqual({ kind, index })
})

const messages: [string, PunchMessage][] = [
  [
    'ask',
    {
      type: 'ask',
      attempt,
      secret: secrets.initiator,
      about: {
        candidates: [{ kind: 'outside', transport: 'udp', family: 4, host: '198.51.100.7', port: 41_234 }],
        nats: [{ family: 4, udp: true, mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' }],
        streamIds: [11, 2 ** 32 - 1],
        ways: ['lan', 'udp-punch', 'birthday']
      }
    }
  ],
  [
    'answer',
    {
      type: 'answer',
      secret: secrets.responder,
      about: {
        candidates: [],
        nats: [
          {
            ...{ family: 4, udp: true, mapping: 'address-and-port-dependent', filtering: 'address-and-port-dependent' },
            pool: { low: 40_000, high: 40_063 }
          }
        ],
        streamIds: [21],
        ways: ['udp-punch']
      }
    }
  ],
  [
    'answerOfOneView',
    {
      type: 'answer',
      secret: secrets.responder,
      about: {
        candidates: [],
        nats: [{ family: 4, udp: true, changesPorts: true }],
        streamIds: [21],
        ways: ['birthday']
      }
    }
  ],
  ['go', { type: 'go' }],
  ['refusedSuperseded', { type: 'refused', refusal: 'superseded' }],
  ['refusedBusy', { type: 'refused', refusal: 'busy' }]
]

test.each(messages)('%s is read and written as in the vectors', (name, message) => {
  expect(decodePunch(bytes(vectors.punch[name]))).toEqual(message)
  expect(hex(encodePunch(message))).toBe(vectors.punch[name])
})

test('dial-back messages are written as in the vectors', () => {
  const address = multiaddr('/ip4/192.0.2.1/tcp/4001')
  expect({
    ask: hex(encodeAsk({ address, nonce: secrets.initiator })),
    proof: hex(encodeProof(secrets.initiator)),
    ok: hex(encodeAnswer('ok')),
    unreachable: hex(encodeAnswer('unreachable')),
    refused: hex(encodeAnswer('refused')),
    tryLater: hex(encodeAnswer('try-later'))
  }).toEqual(vectors.dialBack)
})
