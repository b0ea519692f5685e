import { once } from 'node:events'
import { readFile, readdir } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'

const BUNDLE = new URL('../../dist/bundle/', import.meta.url)

test('the worker that hashes lies where the bundle looks for it, and starts', async () => {
  const worker = new Worker(new URL('leaf-worker.js', BUNDLE))
  onTestFinished(async () => {
    await worker.terminate()
  })
  await once(worker, 'online')
  const answered = once(worker, 'message')
  worker.postMessage([{ id: 7, type: 'digest', job: { bytes: new Uint8Array(new SharedArrayBuffer(4)) } }])
  expect(await answered).toMatchObject([[{ id: 7, type: 'digest' }]])
})

test('what is loaded later only is not in the file that starts', async () => {
  const main = await readFile(new URL('main.js', BUNDLE), 'utf8')
  expect(main.length).toBeLessThan(200_000)
  expect((await readdir(BUNDLE)).filter((name) => name.endsWith('.js')).length).toBeGreaterThan(5)
})

test('the licences of what is inside are with it', async () => {
  const licences = await readFile(new URL('LICENSES.txt', BUNDLE), 'utf8')
  expect(licences).toMatch(/^libp2p \d/m)
  expect(licences).toMatch(/^commander \d[^\n]* \(MIT\)/m)
})
