import { createLibp2p } from 'libp2p'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { echo } from '@libp2p/echo'
import { tcp } from '@libp2p/tcp'
import { memory } from '@libp2p/memory'
import { ports } from './src/ports.ts'
import { Switchboard } from './src/switchboard.ts'
for (const [name, t, l] of [
  ['ports', ports(new Switchboard()), '/memory/a'],
  ['memory', memory(), '/memory/b'],
  ['tcp', tcp(), '/ip4/127.0.0.1/tcp/0']
]) {
  const mk = (listen) =>
    createLibp2p({
      addresses: { listen },
      transports: [t],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { echo: echo({ maxInboundStreams: 5000 }) }
    })
  const a = await mk([l]),
    b = await mk([])
  let s = performance.now()
  const lap = (w) => {
    const n = performance.now()
    console.log(name, w, Math.round(n - s))
    s = n
  }
  await b.dial(a.getMultiaddrs())
  lap('dial')
  const c = process.cpuUsage()
  for (let i = 0; i < 200; i++) await b.services.echo.echo(a.peerId, new Uint8Array(1024))
  lap('200 echoes')
  await b.services.echo.echo(a.peerId, new Uint8Array(10 << 20))
  lap('10 MiB')
  const d = process.cpuUsage(c)
  console.log(name, 'cpu ms', Math.round((d.user + d.system) / 1000))
  await b.stop()
  lap('stop dialer')
  await a.stop()
  lap('stop listener')
}
