interface TypedArray {
  readonly length: number
  set(from: ArrayLike<number>): void
}

/** A longer copy; what is new is zero. */
export function grown<Of extends TypedArray>(array: Of, length: number): Of {
  const larger = new (array.constructor as new (length: number) => Of)(length)
  larger.set(array as unknown as ArrayLike<number>)
  return larger
}
