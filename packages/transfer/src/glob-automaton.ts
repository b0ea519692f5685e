/*
 * Patterns as a non-deterministic automaton that is walked once per character, all states at a time. The usual
 * translation to a regular expression backtracks: `*a*a*a*a*a*b` takes minutes on a name of 200 letters, and names come
 * from strangers.
 */

/** Whether one character fits. */
export type Test = (codePoint: number) => boolean

/** One step of a pattern. */
export type Piece =
  /** `letter`: the only character that passes, when there is just one. */
  | { readonly type: 'one'; readonly test: Test; readonly letter?: string }
  /** Any number of characters that pass. */
  | { readonly type: 'many'; readonly test: Test }
  | { readonly type: 'either'; readonly branches: ReadonlyArray<readonly Piece[]> }

type State =
  | { readonly type: 'read'; readonly test: Test; readonly next: number }
  | { readonly type: 'fork'; readonly next: number[] }

/** Where a match ends. */
const ACCEPT = 0

/** Decides whether a whole text fits a row of pieces. */
export class Automaton {
  readonly #states: State[] = [{ type: 'fork', next: [] }]
  readonly #start: number
  /** The step at which a state was last entered, so that each is entered once a step. */
  readonly #entered: Uint32Array

  constructor(pieces: readonly Piece[]) {
    this.#start = this.#build(pieces, ACCEPT)
    this.#entered = new Uint32Array(this.#states.length)
  }

  matches(text: string): boolean {
    this.#entered.fill(0)
    let step = 1
    let reading = this.#enter([this.#start], step)
    for (const character of text) {
      const codePoint = character.codePointAt(0) ?? 0
      const next: number[] = []
      for (const state of reading) {
        if (state.test(codePoint)) {
          next.push(state.next)
        }
      }
      if (next.length === 0) {
        return false
      }
      reading = this.#enter(next, ++step)
    }
    return this.#entered[ACCEPT] === step
  }

  /** Follow forks to the states that read a character. */
  #enter(ids: number[], step: number): Array<Extract<State, { type: 'read' }>> {
    const reading: Array<Extract<State, { type: 'read' }>> = []
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      const state = this.#states[id]
      if (state === undefined || this.#entered[id] === step) {
        continue
      }
      this.#entered[id] = step
      if (state.type === 'read') {
        reading.push(state)
      } else {
        ids.push(...state.next)
      }
    }
    return reading
  }

  /** States for `pieces`, back to front, each leading to the one after it; returns the first. */
  #build(pieces: readonly Piece[], last: number): number {
    let next = last
    for (const piece of pieces.toReversed()) {
      if (piece.type === 'one') {
        next = this.#add({ type: 'read', test: piece.test, next })
      } else if (piece.type === 'many') {
        const loop = { type: 'fork', next: [next] } as const satisfies State
        const again = this.#add(loop)
        loop.next.push(this.#add({ type: 'read', test: piece.test, next: again }))
        next = again
      } else {
        const after = next
        next = this.#add({ type: 'fork', next: piece.branches.map((branch) => this.#build(branch, after)) })
      }
    }
    return next
  }

  #add(state: State): number {
    return this.#states.push(state) - 1
  }
}
