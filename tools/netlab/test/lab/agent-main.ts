// Runs on a host of a lab: node agent-main.ts PORT [echo]. One UDP socket: lines of JSON in are sent, datagrams are lines out.
import { createSocket } from 'node:dgram'
import { createInterface } from 'node:readline'

const [port = '0', mode] = process.argv.slice(2)
const socket = createSocket('udp4')
const tell = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

socket.on('error', () => {})
socket.on('message', (data, from) => {
  if (mode === 'echo') {
    socket.send(data, from.port, from.address)
  } else {
    tell({ bytes: data.toString('latin1'), address: from.address, port: from.port, at: performance.now() })
  }
})
socket.bind(Number(port), () => tell({ bytes: 'ready', address: '', port: socket.address().port, at: 0 }))

for await (const line of createInterface({ input: process.stdin })) {
  const { bytes, address, port: to } = JSON.parse(line) as { bytes: string; address: string; port: number }
  socket.send(Buffer.from(bytes, 'latin1'), to, address)
}
