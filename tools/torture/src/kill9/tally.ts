/** What came together over many runs. */
export class Tally {
  kills = 0
  /** The most that one kill made a process fetch again. */
  worstAgainBytes = 0

  again(bytes: number): void {
    this.worstAgainBytes = Math.max(this.worstAgainBytes, bytes)
  }
}
