/**
 * `npm run test:tarballs`: every package is packed, installed alone from its tarball in an empty folder, and runs the
 * programs of its README there. The pages for users run the same way. `-- dht nat` limits it to folders of that name.
 */
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { capture } from './capture.ts'
import { matchesOutput } from './output-match.ts'
import { run } from './run.ts'
import { importedPackages, sandbox } from './sandbox.ts'
import { isProgram, snippets } from './snippets.ts'
import type { Snippet } from './snippets.ts'
import { projects, publishable, ROOT } from './workspace.ts'
import type { Project } from './workspace.ts'

const INSTALL_TIMEOUT_MS = 5 * 60_000
const PROGRAM_TIMEOUT_MS = 60_000
const AT_ONCE = 2

/** What shows that a program is whole where it is installed: `--version` loads nothing, this starts a node. */
const SMOKE: Readonly<Record<string, readonly string[]>> = {
  p2pshare: ['peers', '--timeout', '100ms', '--no-mdns', '--listen', '/ip4/127.0.0.1/tcp/0', '--home', 'home']
}

interface Case {
  name: string
  packages: string[]
  programs: Snippet[]
  bins: string[]
}

interface Outcome {
  name: string
  seconds: number
  faults: string[]
  ran: number
}

const wanted = process.argv.slice(2)
const all = projects()
const programs = snippets().filter(isProgram)

const cases = [...publishable().map(packageCase), ...pageCases()].filter(
  ({ name }) => wanted.length === 0 || wanted.includes(basename(name))
)

if ((await run('nx', ['run-many', '-t', 'build', '--outputStyle=static'])) !== 0) {
  process.exit(1)
}

const work = await realpath(await mkdtemp(join(tmpdir(), 'p2pshare-tarballs-')))
const outcomes: Outcome[] = []
try {
  const tarballs = await packAll(join(work, 'tarballs'))
  const queue = [...cases]
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const outcome = await runCase(next, tarballs)
      outcomes.push(outcome)
      const verdict = outcome.faults.length === 0 ? 'ok    ' : 'FAILED'
      console.log(
        `${verdict} ${outcome.name.padEnd(28)} ${outcome.ran} run ${outcome.seconds.toFixed(1).padStart(6)} s`
      )
      for (const fault of outcome.faults) {
        console.log(fault.replaceAll(/^/gm, '       '))
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
} finally {
  await rm(work, { recursive: true, force: true })
}

const failed = outcomes.filter(({ faults }) => faults.length > 0).length
console.log(`\n${outcomes.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 && outcomes.length > 0 ? 0 : 1

function packageCase({ folder, manifest }: Project): Case {
  return {
    name: folder,
    packages: [manifest.name],
    programs: programs.filter(({ file }) => file === `${folder}/README.md`),
    bins: Object.keys(manifest.bin ?? {})
  }
}

/** The top README and the guides: not of one package, so each gets what it imports. */
function pageCases(): Case[] {
  const pages = new Set(programs.map(({ file }) => file).filter((file) => !/^(packages|apps)\//.test(file)))
  return [...pages].map((page) => ({
    name: page,
    packages: [],
    programs: programs.filter(({ file }) => file === page),
    bins: []
  }))
}

async function packAll(folder: string): Promise<Map<string, string>> {
  await mkdir(folder)
  const packed = new Map<string, string>()
  for (const { folder: from, manifest } of publishable()) {
    const before = new Set(await readdir(folder))
    const { code, all: printed } = await capture(
      'npm',
      ['pack', '--pack-destination', folder],
      join(ROOT, from),
      INSTALL_TIMEOUT_MS
    )
    const file = (await readdir(folder)).find((name) => !before.has(name))
    if (code !== 0 || file === undefined) {
      throw new Error(`npm pack failed in ${from}:\n${printed}`)
    }
    packed.set(manifest.name, join(folder, file))
  }
  return packed
}

async function runCase({ name, packages, programs, bins }: Case, tarballs: Map<string, string>): Promise<Outcome> {
  const began = performance.now()
  const outcome: Outcome = { name, seconds: 0, faults: [], ran: 0 }
  const folder = join(work, name.replaceAll(/[^a-z0-9]+/gi, '-'))
  await mkdir(folder)
  const direct = [...new Set([...packages, ...programs.flatMap(({ code }) => importedPackages(code))])]
  await writeFile(join(folder, 'package.json'), JSON.stringify(sandbox(direct, tarballs, all), undefined, 2))

  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  const install = await capture('npm', ['install', ...flags], folder, INSTALL_TIMEOUT_MS)
  if (install.code !== 0) {
    outcome.faults.push(`npm install ended with ${install.code ?? 'no code'}:\n${install.all}`)
  } else {
    for (const bin of bins) {
      outcome.ran++
      outcome.faults.push(...(await runBin(join(folder, 'node_modules', '.bin', bin), folder)))
    }
    for (const program of programs) {
      outcome.ran++
      outcome.faults.push(...(await runProgram(program, folder)))
    }
    if (outcome.ran === 0) {
      outcome.faults.push('its README has no program: a `ts` block that imports and is not marked no-run')
    }
  }
  outcome.seconds = (performance.now() - began) / 1000
  return outcome
}

async function runBin(path: string, folder: string): Promise<string[]> {
  const name = basename(path)
  const { code, all: printed } = await capture(path, ['--version'], folder, PROGRAM_TIMEOUT_MS)
  if (code !== 0 || !/\d+\.\d+\.\d+/.test(printed)) {
    return [`${name} --version: ${code ?? 'no code'}\n${printed}`]
  }
  const args = SMOKE[name]
  if (args === undefined) {
    return []
  }
  const smoke = await capture(path, [...args], folder, PROGRAM_TIMEOUT_MS)
  return smoke.code === 0 ? [] : [`${name} ${args.join(' ')}: ${smoke.code ?? 'no code'}\n${smoke.all}`]
}

async function runProgram({ file, line, code, output }: Snippet, folder: string): Promise<string[]> {
  const where = `${file}:${line}`
  const path = join(folder, `line-${line}.ts`)
  await writeFile(path, code)
  const ran = await capture(process.execPath, [path], folder, PROGRAM_TIMEOUT_MS)
  if (ran.timedOut) {
    return [`${where} did not end within ${PROGRAM_TIMEOUT_MS / 1000} s:\n${ran.all}`]
  }
  if (ran.code !== 0) {
    return [`${where} ended with ${ran.code ?? 'no code'}:\n${ran.all}`]
  }
  if (output !== undefined && !matchesOutput(output, ran.stdout)) {
    return [`${where} printed something else than its page says:\n${ran.stdout}`]
  }
  return []
}
