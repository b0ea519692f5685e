/** The package ships no types; `native.ts` says what is used of it. */
declare module 'udx-native' {
  const UDX: new () => unknown
  export = UDX
}
