import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ipFromBytes, ipToBytes, ipv4FromBytes, ipv4ToBytes } from '../../../src/port-map/wire/ip.ts'
import { decodeNatPmpResponse, encodeNatPmpMap } from '../../../src/port-map/wire/nat-pmp.ts'
import { decodePcpResponse, encodePcpMap } from '../../../src/port-map/wire/pcp.ts'

const RUNS = { numRuns: 60, seed: 4 }
const port = fc.integer({ min: 0, max: 65_535 })
const seconds = fc.integer({ min: 0, max: 0xff_ff_ff_ff })
const protocol = fc.constantFrom('tcp' as const, 'udp' as const)

test('an address survives its bytes', () => {
  fc.assert(
    fc.property(fc.ipV4(), (ip) => {
      expect(ipv4FromBytes(ipv4ToBytes(ip))).toBe(ip)
      expect(ipFromBytes(ipToBytes(ip))).toBe(ip)
    }),
    RUNS
  )
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      expect(ipToBytes(ipFromBytes(bytes))).toEqual(bytes)
    }),
    RUNS
  )
})

test('what a PCP server answers with the fields of the question is read as they were written', () => {
  const request = fc.record({
    clientIp: fc.ipV4(),
    nonce: fc.uint8Array({ minLength: 12, maxLength: 12 }),
    protocol,
    internalPort: port,
    suggestedPort: port,
    suggestedIp: fc.ipV4(),
    lifetimeSeconds: seconds
  })
  fc.assert(
    fc.property(request, (question) => {
      const answer = encodePcpMap(question)
      answer[1] = 0x81
      answer.fill(0, 8, 24)
      expect(decodePcpResponse(answer)).toEqual({
        opcode: 1,
        result: 0,
        lifetimeSeconds: question.lifetimeSeconds,
        epochSeconds: 0,
        map: {
          nonce: question.nonce,
          protocol: question.protocol === 'tcp' ? 6 : 17,
          internalPort: question.internalPort,
          externalPort: question.suggestedPort,
          externalIp: question.suggestedIp
        }
      })
    }),
    RUNS
  )
})

test('no datagram makes a decoder throw anything but InvalidMessageError', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 80 }),
      fc.constantFrom(decodePcpResponse, decodeNatPmpResponse),
      (bytes, decode) => {
        try {
          decode(bytes)
        } catch (error) {
          expect((error as Error).name).toBe('InvalidMessageError')
        }
      }
    ),
    RUNS
  )
})

test('a NAT-PMP question has its fields where RFC 6886 puts them', () => {
  fc.assert(
    fc.property(
      fc.record({ protocol, internalPort: port, suggestedPort: port, lifetimeSeconds: seconds }),
      (question) => {
        const view = new DataView(encodeNatPmpMap(question).buffer)
        expect([view.getUint8(1), view.getUint16(4), view.getUint16(6), view.getUint32(8)]).toEqual([
          question.protocol === 'tcp' ? 2 : 1,
          question.internalPort,
          question.suggestedPort,
          question.lifetimeSeconds
        ])
      }
    ),
    RUNS
  )
})
