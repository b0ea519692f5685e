/** A page that is written from the source. */
export interface Page {
  markdown: string
  /** What is wrong with the source that it is written from. */
  faults: string[]
}
