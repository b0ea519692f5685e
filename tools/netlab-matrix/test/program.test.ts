import { spawn } from 'node:child_process'
import type { LabHost } from '@p2pshare/netlab'
import { expect, test } from 'vitest'
import { Program } from '../src/run/program.ts'

const PATIENT_MS = 60_000
const here = { name: 'here', spawn } as unknown as LabHost

test('a program that has ended may be told things, and whoever waits for it hears that it ended', async () => {
  const program = new Program(here, 'short', [
    '-e',
    'process.stdin.destroy(); console.log(JSON.stringify({ type: "bye" }))'
  ])
  await program.says('bye', PATIENT_MS)
  while (!program.over) {
    // the first of these come while its end of the pipe is closed, and nobody has noted that it ended
    program.tell('x'.repeat(65_536))
    await new Promise((resolve) => setImmediate(resolve))
  }
  program.tell('still there?')
  await expect(program.says('answer', PATIENT_MS)).rejects.toThrow('ended')
})
