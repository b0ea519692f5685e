import { expect, test } from 'vitest'
import { MAX_SSDP_LINES } from '../../../src/port-map/constants.ts'
import { GATEWAY_TYPES, decodeSearchAnswer } from '../../../src/port-map/upnp/search.ts'

const LOCATION = 'http://192.168.1.1:5000/gate.xml'

/** An answer whose last line, of so many, says where the description is. */
function answer(lines: number): Uint8Array {
  const all = [
    'HTTP/1.1 200 OK',
    `ST: ${GATEWAY_TYPES[0]}`,
    ...Array<string>(lines - 3).fill('X: y'),
    `LOCATION: ${LOCATION}`
  ]
  return new TextEncoder().encode(all.join('\r\n'))
}

test('an answer is read as far as MAX_SSDP_LINES', () => {
  expect(decodeSearchAnswer(answer(MAX_SSDP_LINES), '192.168.1.1')?.href).toBe(LOCATION)
  expect(decodeSearchAnswer(answer(MAX_SSDP_LINES + 1), '192.168.1.1')).toBeUndefined()
})
