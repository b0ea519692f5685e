import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { run } from './run.ts'
import { exists, files, read, ROOT } from './workspace.ts'

/** Wire code that is not what its .proto file gives today. */
export async function staleWireCode(): Promise<string[]> {
  const faults: string[] = []
  for (const proto of files('packages/*/src/**/*.proto')) {
    const committed = proto.replace(/\.proto$/, '.ts')
    const folder = await mkdtemp(join(tmpdir(), 'p2pshare-protons-'))
    try {
      const copy = join(folder, basename(proto))
      await copyFile(join(ROOT, proto), copy)
      const code = await run('node', ['tools/protons/generate.mjs', copy])
      const fresh = code === 0 ? await readFile(join(folder, basename(committed)), 'utf8') : ''
      if (!exists(committed) || read(committed) !== fresh) {
        faults.push(`${committed} is not what ${basename(proto)} gives: npm run generate in its package`)
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  }
  return faults
}
