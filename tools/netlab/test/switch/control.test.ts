import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askSwitch, parseStats, tellSwitch } from '../../src/switch/control.ts'

let folder: string
let server: Server | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netlab-control-'))
})
afterEach(async () => {
  server?.close()
  await rm(folder, { recursive: true })
})

async function answering(answer: string): Promise<string> {
  const path = join(folder, 'socket')
  const { promise, resolve } = Promise.withResolvers<undefined>()
  server = createServer((socket) => socket.once('data', () => socket.end(answer))).listen(path, () =>
    resolve(undefined)
  )
  await promise
  return path
}

test('counters are read by port', () => {
  const stats = parseStats('p0 in=3 out=4 lost=1 overflowed=0 oversized=0 spoofed=0 unrouted=2\np1 in=7')
  expect(stats.get('p0')).toEqual({ in: 3, out: 4, lost: 1, overflowed: 0, oversized: 0, spoofed: 0, unrouted: 2 })
  expect(stats.get('p1')).toMatchObject({ in: 7, out: 0 })
})

test('a line that is obeyed is no news', async () => {
  await expect(tellSwitch(await answering('ok\n'), 'port p0')).resolves.toBeUndefined()
})

test('a line that is refused is an error with the reason', async () => {
  await expect(tellSwitch(await answering('no such port\n'), 'port p0')).rejects.toMatchObject({
    code: 'ERR_NETLAB_SWITCH',
    message: expect.stringContaining('no such port')
  })
})

test('a switch that is gone is an error', async () => {
  await expect(askSwitch(join(folder, 'nothing'), 'stats')).rejects.toMatchObject({ code: 'ERR_NETLAB_SWITCH' })
})

test('an aborted question is not asked', async () => {
  await expect(askSwitch(join(folder, 'nothing'), 'stats', AbortSignal.abort())).rejects.toMatchObject({
    name: 'AbortError'
  })
})
