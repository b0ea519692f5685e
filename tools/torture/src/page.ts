import type { HarnessResult } from './result.ts'

const WHAT: Readonly<Record<HarnessResult['name'], string>> = {
  kill9:
    'Processes that keep leaves, or `get` them over a connection, are killed with SIGKILL at random moments. The next one must find every leaf that was kept, and in the end the files must be right.',
  powerloss:
    'The store on a disk in memory that loses power: of what was not synced, each sector and each name is there or not, as chance has it. What a checkpoint, `complete` or the registry said is safe must be there, and nothing that is held may be wrong.',
  byzantine:
    'Downloads over real connections where some seeders are hostile: corrupt leaves, lies about what they have, silence, bytes one by one, floods, unasked data, wrong sizes, replayed tokens, element bombs. Beside them shares that were made to do harm. Each download must end with the right bytes, soon, and nobody honest is banned.',
  hostile:
    'One seeder in a process of its own, with hostile connections among honest ones. It must stay small and quick, and serve the honest ones.',
  fs: 'Every call to the file system of a download fails, once or for a while. The download must blame the disk, lose nothing, leave nothing open, and go on by itself.'
}

/** docs/torture.md; `sections` of harnesses that did not run now are taken from the page as it is. */
export function pageOf(results: readonly HarnessResult[], day: string, machine: string, before: string): string {
  const names = ['kill9', 'powerloss', 'fs', 'byzantine', 'hostile'] as const
  const sections = names.map((name) => {
    const result = results.find((each) => each.name === name)
    return result === undefined ? sectionIn(before, name) : sectionOf(result, day, machine)
  })
  return `# What the code survives

Written by \`npm run torture -- --write\`, or by one of the commands below for its own section. All drive the shipped
code of \`@p2pshare/transfer\`; how is in [tools/torture](../tools/torture/README.md). A violation is printed with the line that
repeats it.

${sections.filter(Boolean).join('\n\n')}
`
}

function sectionOf(
  { name, extent, seconds, figures, violations }: HarnessResult,
  day: string,
  machine: string
): string {
  const rows = Object.entries(figures).map(([what, came]) => `| ${what} | ${came} |`)
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

function sectionIn(page: string, name: string): string {
  const [, rest = ''] = page.split(`## torture:${name}\n`)
  const [body = ''] = rest.split('\n## ')
  return body === '' ? '' : `## torture:${name}\n${body.trimEnd()}`
}
