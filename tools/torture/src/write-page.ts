import { readFile, writeFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { pageOf } from './page.ts'
import type { HarnessResult } from './result.ts'

const PAGE = fileURLToPath(new URL('../../../docs/torture.md', import.meta.url))
const GIB = 1024 ** 3

/** Put what came out into docs/torture.md; the sections of harnesses that did not run stay as they are. */
export async function writePage(results: readonly HarnessResult[]): Promise<void> {
  const before = await readFile(PAGE, 'utf8').catch(() => '')
  await writeFile(PAGE, pageOf(results, today(), machine(), before))
}

/** For figures that are kept from several runs. */
export function today(): string {
  return new Date().toISOString().slice(0, 10)
}

/** What the figures were taken on. No names of hosts, no paths. */
function machine(): string {
  const [first] = cpus()
  const load = (loadavg()[0] ?? 0).toFixed(1)
  return `${cpus().length} x ${first?.model ?? 'unknown'}, ${Math.round(totalmem() / GIB)} GiB, Node ${process.versions.node}, load ${load}`
}
