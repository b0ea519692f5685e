/** `target` with some members replaced. All else, symbols and private fields included, is the target's own. */
export function override<T extends object>(target: T, members: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      if (Object.hasOwn(members, key)) {
        return Reflect.get(members, key) as unknown
      }
      const own: unknown = Reflect.get(target, key, target)
      return typeof own === 'function' ? (own.bind(target) as unknown) : own
    },
    set: (_, key, value) => Reflect.set(target, key, value, target)
  })
}

/** A part of the node that is made after those that use it, with some members replaced. */
export function lazily<T extends object>(get: () => T, members: Partial<T>): T {
  return new Proxy({} as T, {
    get: (_, name): unknown => {
      if (Object.hasOwn(members, name)) {
        return Reflect.get(members, name)
      }
      const part = get()
      const value: unknown = Reflect.get(part, name)
      return typeof value === 'function' ? (value.bind(part) as unknown) : value
    }
  })
}
