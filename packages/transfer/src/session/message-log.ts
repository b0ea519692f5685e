/**
 * What is kept of control messages that the peer has not said it heard; with more a session cannot move any more. As
 * much as a control lane that is not read may hold.
 */
export const MAX_LOGGED_BYTES = 4 * 1024 * 1024

/** The control messages of one side of a session that the other one may not have heard, for the next lane. Pure. */
export class MessageLog {
  readonly #messages: Uint8Array[] = []
  #first = 0
  #bytes = 0
  /** Something that the peer may not have heard was dropped. */
  #isBroken = false

  /** Messages said so far. */
  get said(): number {
    return this.#first + this.#messages.length
  }

  add(message: Uint8Array): void {
    this.#messages.push(message)
    this.#bytes += message.byteLength
    if (this.#bytes > MAX_LOGGED_BYTES || this.#isBroken) {
      this.#isBroken = true
      this.#drop(this.said)
    }
  }

  /** The peer has heard so many. Returns false when that is more than were said. */
  heard(count: number): boolean {
    if (count > this.said) {
      return false
    }
    this.#drop(count)
    return true
  }

  /**
   * What a peer that has heard `count` has to be told, and the place of the first of it. It may begin later than at
   * `count`: what the peer has acknowledged by now is not kept. `undefined`: something is missing.
   */
  since(count: number): { readonly place: number; readonly messages: readonly Uint8Array[] } | undefined {
    if (this.#isBroken || count > this.said) {
      return undefined
    }
    const place = Math.max(count, this.#first)
    return { place, messages: this.#messages.slice(place - this.#first) }
  }

  #drop(upTo: number): void {
    const dropped = this.#messages.splice(0, Math.max(0, upTo - this.#first))
    this.#first += dropped.length
    for (const { byteLength } of dropped) {
      this.#bytes -= byteLength
    }
  }
}
