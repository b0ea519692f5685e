import { HARNESSES } from './result.ts'
import type { HarnessResult } from './result.ts'

const WHAT: Readonly<Record<HarnessResult['name'], string>> = {
  kill9:
    'Processes that keep leaves, or `get` them over a connection, are killed with SIGKILL at random moments. The next one must find every leaf that was kept, and in the end the files must be right.',
  powerloss:
    'The store on a disk in memory that loses power: of what was not synced, each sector and each name is there or not, as chance has it. What a checkpoint, `complete` or the registry said is safe must be there, and nothing that is held may be wrong.',
  fs: 'Every call to the file system of a download fails, once or for a while. The download must blame the disk, lose nothing, leave nothing open, and go on by itself.',
  byzantine:
    'Downloads over real connections where some seeders are hostile: corrupt leaves, lies about what they have, silence, bytes one by one, floods, unasked data, wrong sizes, replayed tokens, element bombs. Beside them shares that were made to do harm. Each download must end with the right bytes, soon, and nobody honest is banned.',
  hostile:
    'One seeder in a process of its own, with hostile connections among honest ones: idle sockets, half-open handshakes, bytes one by one, garbage, floods of sessions and of streams, huge messages, requests whose answers nobody reads. It must stay small and quick, and serve the honest ones, compared with as many connections that are honest and idle.',
  fuzz: 'Every decoder of every package gets garbage: changed examples, a corpus of what once meant something to it, and inputs of its shape. It must read or refuse each with a typed error, in 50 ms of CPU, and keep no more heap than 64 KiB and 16 times the input.',
  paths:
    'Names that want out of the directory of a download, from a corpus of tricks and made by chance; those that are let through are made on a disk, and directories become links while they are written to.',
  links:
    'Links of private shares, changed by chance: characters, and bits of the key under a checksum that is right. None may open the share.'
}

/** docs/torture.md; `sections` of harnesses that did not run now are taken from the page as it is. */
export function pageOf(results: readonly HarnessResult[], day: string, machine: string, before: string): string {
  const sections = HARNESSES.map((name) => {
    const result = results.find((each) => each.name === name)
    return result === undefined ? sectionIn(before, name) : sectionOf(result, day, machine, before)
  })
  return `# What the code survives

Each section is written by its command with \`--write\`, the first three also by \`npm run torture -- --write\`. All of them drive what
is shipped; how is in [tools/torture](../tools/torture/README.md). A violation is printed with the line that repeats it.

${sections.filter(Boolean).join('\n\n')}
`
}

function sectionOf(
  { name, extent, seconds, figures, keepsFigures = false, violations }: HarnessResult,
  day: string,
  machine: string,
  before: string
): string {
  const all = keepsFigures ? { ...figuresIn(before, name), ...figures } : figures
  const rows = Object.entries(all).map(([what, came]) => `| ${what} | ${came} |`)
  const found = violations.length === 0 ? [] : ['', ...violations.slice(0, 20).map((each) => `- ${each}`)]
  return [
    `## torture:${name}`,
    '',
    WHAT[name],
    '',
    `${extent}; ${Math.round(seconds)} s on ${machine}, ${day}.`,
    '',
    '| figure | |',
    '| --- | --- |',
    ...rows,
    ...found
  ].join('\n')
}

/** The rows of a section as they are. */
function figuresIn(page: string, name: string): Record<string, string> {
  const rows = sectionIn(page, name).matchAll(/^\| ([^|]+) \| ([^|]+) \|$/gmu)
  const figures = [...rows].map(([, what = '', came = '']): [string, string] => [what, came])
  return Object.fromEntries(figures.filter(([what]) => what !== '---'))
}

function sectionIn(page: string, name: string): string {
  const [, rest = ''] = page.split(`## torture:${name}\n`)
  const [body = ''] = rest.split('\n## ')
  return body === '' ? '' : `## torture:${name}\n${body.trimEnd()}`
}
