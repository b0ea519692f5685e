export interface CodeBlock {
  language: string
  /** What follows the language on the fence: `no-run`, `output`. */
  flags: string[]
  code: string
  /** Of the opening fence, from 1. */
  line: number
}

export interface Link {
  target: string
  line: number
}

interface Parsed {
  blocks: CodeBlock[]
  /** Lines outside fences; a fence's lines are empty here, so that numbers stay. */
  prose: string[]
}

/** Splits a document at its fences. A fence closes with the same character, at least as long as it opened. */
function parse(markdown: string): Parsed {
  const blocks: CodeBlock[] = []
  const prose: string[] = []
  let open: { fence: string; block: CodeBlock; body: string[]; indent: number } | undefined
  for (const [at, line] of markdown.split(/\r?\n/).entries()) {
    const fence = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(line)
    if (open === undefined && fence !== null) {
      const [language = '', ...flags] = (fence[3] ?? '').trim().split(/\s+/)
      open = {
        fence: fence[2] ?? '',
        indent: fence[1]?.length ?? 0,
        body: [],
        block: { language, flags, code: '', line: at + 1 }
      }
    } else if (open !== undefined && fence !== null && fence[3] === '' && fence[2]?.startsWith(open.fence) === true) {
      blocks.push({ ...open.block, code: open.body.join('\n') + '\n' })
      open = undefined
    } else if (open !== undefined) {
      open.body.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)))
    }
    prose.push(open === undefined && fence === null ? line : '')
  }
  return { blocks, prose }
}

export function codeBlocks(markdown: string): CodeBlock[] {
  return parse(markdown).blocks
}

/** Targets of `[text](target)`, images and `[name]: target`; code spans are left out. */
export function links(markdown: string): Link[] {
  const found: Link[] = []
  for (const [at, line] of parse(markdown).prose.entries()) {
    const plain = line.replaceAll(/`[^`]*`/g, '')
    for (const [, target] of plain.matchAll(/\]\(<?([^()\s<>]+(?:\([^()\s]*\))?)>?(?:\s+"[^"]*")?\)/g)) {
      found.push({ target: target ?? '', line: at + 1 })
    }
    const definition = /^\s*\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)/.exec(plain)
    if (definition !== null) {
      found.push({ target: definition[1] ?? '', line: at + 1 })
    }
  }
  return found
}

/** The anchors that a renderer gives the headings, as GitHub makes them. */
export function anchors(markdown: string): Set<string> {
  const seen = new Map<string, number>()
  const found = new Set<string>()
  for (const line of parse(markdown).prose) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
    const named = [...line.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id]) => id ?? '')
    for (const id of named) {
      found.add(id)
    }
    if (heading === undefined) {
      continue
    }
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-')
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    found.add(times === 0 ? slug : `${slug}-${times}`)
  }
  return found
}

/** Text that stays within its cell of a table. */
export function tableCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
