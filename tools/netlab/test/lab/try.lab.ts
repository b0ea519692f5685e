import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { listLabs } from '../../src/index.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** `netlab try`, with its lab up and the NATs still to be asked for. */
async function startTry(): Promise<{ child: ChildProcess; name: string; closed: Promise<unknown[]> }> {
  const args = ['--no-warnings', MAIN, 'try', 'port-restricted', 'symmetric']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, name: /^lab ([^ ,]+)/.exec(line)?.[1] ?? '', closed }
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s in mid-try leaves nothing', async (signal) => {
  const { child, name, closed } = await startTry()
  expect(await listLabs()).toContain(name)
  child.kill(signal)
  expect(await closed).toEqual([130, null])
  expect(await listLabs()).not.toContain(name)
  const namespaces = await readdir('/run/netns').catch((): string[] => [])
  expect(namespaces.filter((each) => each.startsWith(`netlab.${name}.`))).toEqual([])
})

test('two of them at once do not take each other down', async () => {
  const [one, other] = await Promise.all([startTry(), startTry()])
  expect(one.name).not.toBe(other.name)
  expect(await Promise.all([one.closed, other.closed])).toEqual([
    [0, null],
    [0, null]
  ])
})
