import { spawn } from 'node:child_process'

export interface Captured {
  code: number | undefined
  stdout: string
  /** Standard output and error as they came. */
  all: string
  timedOut: boolean
}

/** Runs a command and keeps what it prints. Kills it after `timeoutMs`. */
export function capture(command: string, args: string[], cwd: string, timeoutMs: number): Promise<Captured> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' })
    let stdout = ''
    let all = ''
    let timedOut = false
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      all += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      all += text
    })
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, timeoutMs)
    child.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ code: code ?? undefined, stdout, all, timedOut })
    })
  })
}
