import { spawnSync } from 'node:child_process'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const made = new Map<string, string>()

/**
 * A program below src/ in few files, made once a run: what `p2pshare` itself is, and anybody's program that is built for
 * use. As hundreds of modules, and with its types stripped at the start, it holds 60 MiB more before anything happens.
 */
export function bundled(path: string): string {
  const done = made.get(path)
  if (done !== undefined) {
    return done
  }
  const name = basename(path, '.ts')
  const { status } = spawnSync(
    process.execPath,
    ['tools/house/src/bundle.ts', 'tools/bench', `src/${path}`, `dist/${name}`],
    { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] }
  )
  if (status !== 0) {
    throw new Error(`could not bundle ${path}`)
  }
  const program = `${ROOT}tools/bench/dist/${name}/${name}.js`
  made.set(path, program)
  return program
}
