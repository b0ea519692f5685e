// What generated decoders lack against hostile input. Each has a megabyte of garbage for a few kilobytes that no encoder
// writes, and no decoder of ours can count what is inside of a message that it has not read.

/** Makes its object anew for each field. */
const ENUM_CODEC = /export const codec = \(\): Codec<(\w+)> => \{\s*return (enumeration<\w+>\(\w+\))\s*\}/gu

const CACHED = 'let _codec: Codec<$1>\n\nexport const codec = (): Codec<$1> => {\nreturn (_codec ??= $2)\n}'

/** From the object that is filled to where it is given back. */
const DECODER = /const obj: any = \{[^]*?return obj\b/gu

/** A field that is no list. What comes again would replace what came before, and that is all garbage. */
const SINGULAR_FIELD = /case (\d+): \{(\s*)obj\.(\w+) = /gu

/** The sign is the last bit that JavaScript has for a whole number. */
const MAX_FIELD = 30

/** The output of protons with codecs of enums that are made once, and fields that may come once. */
export function harden(code) {
  return code.replace(ENUM_CODEC, CACHED).replace(DECODER, (decoder) => {
    const checked = decoder.replace(SINGULAR_FIELD, (_, number, space, name) => {
      if (Number(number) > MAX_FIELD) {
        throw new RangeError(`field ${number} has no bit: number it lower, or give \`seen\` a second word`)
      }
      const bit = `0x${(2 ** Number(number)).toString(16)}`
      const twice = `throw new RangeError('Decode error - field "${name}" came twice')`
      return `case ${number}: {${space}if ((seen & ${bit}) !== 0) {\n${twice}\n}\nseen |= ${bit}\n\nobj.${name} = `
    })
    return checked === decoder ? decoder : `let seen = 0\n${checked}`
  })
}
