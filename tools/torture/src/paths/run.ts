import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { seededRandom } from '@p2pshare/testkit'
import { nameProblem, safeJoin } from '@p2pshare/transfer/codecs'
import { readNameCorpus } from './corpus.ts'
import { generatePath } from './generate.ts'
import { escapeOf } from './oracle.ts'

export interface PathRun {
  readonly seed: string
  readonly from: number
  readonly count: number
  /** One accepted path in so many is made in a real directory, and asked where it is. */
  readonly sampleEvery: number
}

export interface PathResult {
  readonly paths: number
  readonly accepted: number
  /** Of the accepted, those that were made on the disk. */
  readonly made: number
  readonly escapes: readonly string[]
}

const SYSTEMS = [
  ['linux', '/root', '/'],
  ['darwin', '/root', '/'],
  ['win32', 'C:\\root', '\\']
] as const

/** Let the sanitiser judge every known trick and many generated paths, and look where those end that it lets through. */
export async function torturePaths({ seed, from, count, sampleEvery }: PathRun): Promise<PathResult> {
  const { names, paths } = readNameCorpus()
  const known = [...Object.values(names), ...Object.values(paths)]
  const through = [
    ...Object.entries(names).filter(([, name]) => nameProblem(name) === undefined),
    ...Object.entries(paths).filter(([, path]) => accepts(path))
  ]
  const escapes = through.map(([id]) => `let through: ${id}`)
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'p2pshare-paths-')))
  let [accepted, made] = [0, 0]
  try {
    for (let index = from; index < from + count; index++) {
      const path = generatePath(seededRandom(`${seed}/paths/${index}`), known)
      if (accepts(path)) {
        const isSample = accepted++ % sampleEvery === 0
        made += isSample ? 1 : 0
        const escape = escapeOf(path) ?? (isSample ? await madeElsewhere(directory, path) : undefined)
        if (escape !== undefined) {
          escapes.push(`--seed ${seed} --from ${index}: ${escape}`)
        }
      }
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  return { paths: known.length + count, accepted, made, escapes }
}

/** Whether a receiver would make it; it is the same on all systems, or that is an escape of its own. */
function accepts(path: string): boolean {
  const places = SYSTEMS.map(([system, root]) => placeOn(system, root, path))
  const verdicts = new Set(places.map((place) => place !== undefined))
  if (verdicts.size > 1) {
    return true
  }
  return SYSTEMS.some(([, root, separator], at) => {
    const place = places[at]
    return place !== undefined && place === `${root}${separator}${path.replaceAll('/', separator)}`
  })
}

function placeOn(system: NodeJS.Platform, root: string, path: string): string | undefined {
  try {
    return safeJoin(root, path, system)
  } catch {
    return undefined
  }
}

/** Make the file for real, and ask the system where it is. */
async function madeElsewhere(directory: string, path: string): Promise<string | undefined> {
  const root = join(directory, 'root')
  const place = safeJoin(root, path)
  try {
    await mkdir(dirname(place), { recursive: true })
    await writeFile(place, '')
  } catch (error) {
    // longer than this system takes: nothing was made
    if (error instanceof Error && 'code' in error && error.code === 'ENAMETOOLONG') {
      return undefined
    }
    throw error
  }
  const real = await realpath(place)
  const outside = (await readdir(directory)).filter((name) => name !== 'root')
  await rm(root, { recursive: true })
  return real === `${root}/${path}` && outside.length === 0 ? undefined : `made at ${JSON.stringify(real)}`
}
