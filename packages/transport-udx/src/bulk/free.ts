/** Of Node 22 and later. */
interface Transferable {
  transfer?(bytes: number): unknown
}

/**
 * Gives the memory of a buffer back at once: it is empty from then on, and so are all views of the same memory. Each record
 * brings buffers of its size, and V8 would go through its whole heap for every 10 MiB of data to find out that nobody holds
 * them any more. Only for what nobody else can hold.
 */
export function free({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) {
    const transferable: Transferable = buffer
    transferable.transfer?.(0)
  }
}
