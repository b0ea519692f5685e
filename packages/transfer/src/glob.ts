import { InvalidOptionError } from '@p2pshare/interface'
import { Automaton } from './glob-automaton.ts'
import type { Piece, Test } from './glob-automaton.ts'

/** Braces inside braces; nobody means more. */
export const MAX_BRACE_DEPTH = 16

const SLASH = 0x2f
const notSlash: Test = (codePoint) => codePoint !== SLASH
const anything: Test = () => true

/** A pattern that was read. */
export interface Glob {
  /** The one text that fits, when the pattern has no wildcards. */
  readonly literal: string | undefined
  /** Whether the whole path fits. Linear in path times pattern. */
  readonly matches: (path: string) => boolean
}

/**
 * `*`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`, `**` as a whole part, `\` before an ordinary character. A bracket that nothing
 * closes, and braces without a comma, are ordinary characters.
 *
 * @throws InvalidOptionError when braces are nested too deep
 */
export function parseGlob(pattern: string): Glob {
  const pieces = new Parser(pattern).parse()
  const letters = pieces.map((piece) => (piece.type === 'one' ? piece.letter : undefined))
  if (letters.every((letter) => letter !== undefined)) {
    const literal = letters.join('')
    return { literal, matches: (path) => path === literal }
  }
  const automaton = new Automaton(pieces)
  return { literal: undefined, matches: (path) => automaton.matches(path) }
}

class Parser {
  readonly #text: readonly string[]
  /** Positions of braces that have a partner and a comma, and of those commas. */
  readonly #braces: ReadonlyMap<number, 'open' | 'comma' | 'close'>
  #at = 0

  constructor(pattern: string) {
    this.#text = Array.from(pattern)
    this.#braces = findBraces(this.#text)
  }

  parse(): Piece[] {
    return this.#sequence(true)
  }

  /** Up to the end, or up to the comma or brace that ends this branch. */
  #sequence(atPartStart: boolean): Piece[] {
    const pieces: Piece[] = []
    let startsPart = atPartStart
    while (!this.#atEnd(this.#at)) {
      const character = this.#text[this.#at] ?? ''
      pieces.push(this.#piece(character, startsPart))
      startsPart = character === '/' || (startsPart && this.#text[this.#at - 1] === '/')
    }
    return pieces
  }

  #atEnd(at: number): boolean {
    const role = this.#braces.get(at)
    return at >= this.#text.length || role === 'comma' || role === 'close'
  }

  #piece(character: string, startsPart: boolean): Piece {
    if (character === '*') {
      return this.#stars(startsPart)
    }
    if (character === '[') {
      const set = parseSet(this.#text, this.#at)
      this.#at = set?.end ?? this.#at + 1
      return set === undefined ? letter('[') : { type: 'one', test: set.test }
    }
    if (this.#braces.get(this.#at) === 'open') {
      return this.#either(startsPart)
    }
    this.#at++
    if (character === '?') {
      return { type: 'one', test: notSlash }
    }
    const escaped = character === '\\' ? this.#text[this.#at] : undefined
    this.#at += escaped === undefined ? 0 : 1
    return letter(escaped ?? character)
  }

  /** `*`, or `**` as a whole part: any directories, none included. */
  #stars(startsPart: boolean): Piece {
    const start = this.#at
    while (this.#text[this.#at] === '*') {
      this.#at++
    }
    if (startsPart && this.#at - start === 2) {
      if (this.#atEnd(this.#at)) {
        return { type: 'many', test: anything }
      }
      if (this.#text[this.#at] === '/') {
        this.#at++
        return { type: 'either', branches: [[], [{ type: 'many', test: anything }, letter('/')]] }
      }
    }
    return { type: 'many', test: notSlash }
  }

  #either(startsPart: boolean): Piece {
    const branches: Piece[][] = []
    while (this.#braces.get(this.#at) !== 'close') {
      this.#at++
      branches.push(this.#sequence(startsPart))
    }
    this.#at++
    return { type: 'either', branches }
  }
}

function findBraces(text: readonly string[]): Map<number, 'open' | 'comma' | 'close'> {
  const roles = new Map<number, 'open' | 'comma' | 'close'>()
  const open: Array<{ readonly at: number; readonly commas: number[] }> = []
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '\\') {
      at++
    } else if (character === '[') {
      at = (parseSet(text, at)?.end ?? at + 1) - 1
    } else if (character === '{') {
      open.push({ at, commas: [] })
      if (open.length > MAX_BRACE_DEPTH) {
        throw new InvalidOptionError('select', `braces nested deeper than ${MAX_BRACE_DEPTH}`)
      }
    } else if (character === ',') {
      open.at(-1)?.commas.push(at)
    } else if (character === '}') {
      const brace = open.pop()
      if (brace !== undefined && brace.commas.length > 0) {
        roles.set(brace.at, 'open').set(at, 'close')
        brace.commas.forEach((comma) => roles.set(comma, 'comma'))
      }
    }
  }
  return roles
}

/** The set that begins at `[`; `undefined` when it is not closed within the part: then the bracket is a letter. */
function parseSet(text: readonly string[], start: number): { test: Test; end: number } | undefined {
  let at = start + 1
  const negated = text[at] === '!' || text[at] === '^'
  at += negated ? 1 : 0
  const read = (): number | undefined => {
    at += text[at] === '\\' ? 1 : 0
    const codePoint = text[at++]?.codePointAt(0)
    return codePoint === SLASH ? undefined : codePoint
  }
  const ranges: Array<[from: number, to: number]> = []
  // a bracket right at the start is a member
  for (let first = true; first || text[at] !== ']'; first = false) {
    const from = read()
    const isRange = text[at] === '-' && text[at + 1] !== ']'
    at += isRange ? 1 : 0
    const to = isRange ? read() : from
    if (from === undefined || to === undefined) {
      return undefined
    }
    ranges.push([from, to])
  }
  const listed: Test = (codePoint) => ranges.some(([from, to]) => from <= codePoint && codePoint <= to)
  return { test: (codePoint) => notSlash(codePoint) && listed(codePoint) !== negated, end: at + 1 }
}

function letter(character: string): Piece {
  const expected = character.codePointAt(0)
  return { type: 'one', test: (codePoint) => codePoint === expected, letter: character }
}
