import { spawn } from 'node:child_process'
import { ROOT } from './workspace.ts'

/** Runs a command with its output passed through; resolves with the exit code. */
export function run(command: string, args: string[], cwd = ROOT): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      resolve(code ?? (signal === null ? 1 : 130))
    })
  })
}
