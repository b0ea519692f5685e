import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { MAX_SSDP_BYTES } from '../../../src/port-map/constants.ts'
import { findUpnpGateway } from '../../../src/port-map/upnp/find-gateway.ts'
import { GATEWAY_TYPES } from '../../../src/port-map/upnp/search.ts'

/** An answer of `bytes` bytes, whose description is at `path`. */
function answer(path: string, bytes: number): Buffer {
  const head = `HTTP/1.1 200 OK\r\nST: ${GATEWAY_TYPES[1]}\r\nLOCATION: http://127.0.0.1:5000/${path}\r\nX: `
  return Buffer.from(`${head.padEnd(bytes - 4, 'x')}\r\n\r\n`)
}

test('an answer of the longest length counts, one of a byte more is passed over', async () => {
  const gateway = createSocket('udp4')
  onTestFinished(() => {
    gateway.close()
  })
  gateway.on('message', (_, { port, address }) => {
    gateway.send(answer('too-long', MAX_SSDP_BYTES + 1), port, address)
    gateway.send(answer('longest', MAX_SSDP_BYTES), port, address)
  })
  gateway.bind(0, '127.0.0.1')
  await once(gateway, 'listening')
  const target = { host: '127.0.0.1', port: gateway.address().port }
  const found = await findUpnpGateway(
    { internalIp: '127.0.0.1', targets: [target], from: '127.0.0.1' },
    AbortSignal.timeout(20_000)
  )
  expect(found.pathname).toBe('/longest')
})
