import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { must } from '../errors.ts'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

/**
 * The program of the node under test in few files, as `p2pshare` and its server are shipped: as 1,600 modules it holds some
 * 60 MiB more before anything happens. Made anew for each run of the harness.
 */
export function bundledLife(): string {
  const args = ['tools/house/src/bundle.ts', 'tools/torture', 'src/hostile/life.ts', 'dist/hostile']
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  must(status === 0, 'the node under test could not be bundled')
  return `${ROOT}tools/torture/dist/hostile/life.js`
}
