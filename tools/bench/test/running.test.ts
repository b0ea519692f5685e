import { expect, onTestFinished, test } from 'vitest'
import { killAll, Running } from '../src/harness/running.ts'

const start = (script: string): Running => {
  onTestFinished(killAll)
  return new Running({ program: process.execPath, args: ['-e', script] })
}

test('a line is found by its first word, also after it was said', async () => {
  const running = start('console.log("READY a b"); console.log("GO"); setInterval(() => {}, 1e6)')
  expect(await running.line('GO', 20_000)).toBe('')
  expect(await running.line('READY', 20_000)).toBe('a b')
})

test('a program that ends before its line says why', async () => {
  const running = start('console.error("no disk"); process.exitCode = 3')
  await expect(running.line('READY', 20_000)).rejects.toThrow(/ended \(3\) before it said READY\n.*no disk/s)
})

test('a program that says nothing is not waited for longer than asked', async () => {
  const running = start('setInterval(() => {}, 1e6)')
  await expect(running.line('READY', 1)).rejects.toThrow('did not say READY within 1 ms')
})

test('a program that does not want to stop is killed', { timeout: 20_000 }, async () => {
  const running = start('process.on("SIGTERM", () => {}); console.log("READY"); setInterval(() => {}, 1e6)')
  await running.line('READY', 20_000)
  await running.kill()
  expect(running.peakMiB()).toBe(0)
})
