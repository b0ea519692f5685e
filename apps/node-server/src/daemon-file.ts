import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const DAEMON_FILE = 'daemon.json'

/** Read and write for the owner alone: who can read the token may use the API. */
const OWNER_ONLY = 0o600

const TOKEN_BYTES = 32

/** How other programs on this machine find a running server. */
export interface DaemonInfo {
  readonly url: string
  /** Secret for the API; new at each start. */
  readonly token: string
  readonly pid: number
}

/** A new secret, in letters that go anywhere. */
export function createToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

/** Write `<home>/daemon.json`. It appears whole or not at all. */
export async function writeDaemonFile(home: string, info: DaemonInfo): Promise<void> {
  const file = join(home, DAEMON_FILE)
  const draft = `${file}.${info.pid}`
  await rm(draft, { force: true })
  // "wx": a link that somebody put there is not followed
  await writeFile(draft, `${JSON.stringify(info)}\n`, { mode: OWNER_ONLY, flag: 'wx' })
  await rename(draft, file)
}

/** Remove the file unless another process has replaced it. */
export async function removeDaemonFile(home: string, pid: number): Promise<void> {
  const file = join(home, DAEMON_FILE)
  try {
    const info = JSON.parse(await readFile(file, 'utf8')) as Partial<DaemonInfo> | null
    if (info?.pid === pid) {
      await rm(file, { force: true })
    }
  } catch {
    // gone or not ours: nothing to remove
  }
}
