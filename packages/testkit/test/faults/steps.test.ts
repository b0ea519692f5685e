import { fc, test as propTest } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { checkPlan } from '../../src/faults/plan.ts'
import type { Fault } from '../../src/faults/plan.ts'
import { stepsFor } from '../../src/faults/steps.ts'
import type { Step } from '../../src/faults/steps.ts'

const pass = (...bytes: number[]): Step => ({ type: 'pass', bytes: Uint8Array.from(bytes) })
const data = Uint8Array.of(10, 11, 12, 13)

describe('stepsFor', () => {
  test.each<[string, Fault[], number, Step[]]>([
    ['passes everything without faults', [], 0, [pass(10, 11, 12, 13)]],
    ['has nothing to do with a delay', [{ type: 'delay', ms: 5 }], 0, [pass(10, 11, 12, 13)]],
    ['changes one byte', [{ type: 'corrupt', atByte: 2 }], 0, [pass(10, 11, 12 ^ 0xff, 13)]],
    ['changes it by the mask', [{ type: 'corrupt', atByte: 102, mask: 1 }], 100, [pass(10, 11, 13, 13)]],
    ['leaves the chunk before the byte alone', [{ type: 'corrupt', atByte: 104 }], 100, [pass(10, 11, 12, 13)]],
    ['leaves the chunk behind the byte alone', [{ type: 'corrupt', atByte: 99 }], 100, [pass(10, 11, 12, 13)]],
    [
      'cuts in the middle of a chunk and drops the rest',
      [{ type: 'cut', afterBytes: 101 }],
      100,
      [pass(10), { type: 'cut', how: 'reset', afterBytes: 101 }]
    ],
    [
      'cuts behind the last byte of a chunk, with that chunk',
      [{ type: 'cut', afterBytes: 104, how: 'close' }],
      100,
      [pass(10, 11, 12, 13), { type: 'cut', how: 'close', afterBytes: 104 }]
    ],
    ['does not cut a second time', [{ type: 'cut', afterBytes: 100 }], 100, [pass(10, 11, 12, 13)]],
    [
      'cuts at zero before the first byte',
      [{ type: 'cut', afterBytes: 0 }],
      0,
      [{ type: 'cut', how: 'reset', afterBytes: 0 }]
    ],
    [
      'stalls for a while and goes on',
      [{ type: 'stall', afterBytes: 1, ms: 50 }],
      0,
      [pass(10), { type: 'stall', ms: 50 }, pass(11, 12, 13)]
    ],
    [
      'stalls before it cuts at the same place',
      [
        { type: 'cut', afterBytes: 2 },
        { type: 'stall', afterBytes: 2, ms: 5 }
      ],
      0,
      [pass(10, 11), { type: 'stall', ms: 5 }, { type: 'cut', how: 'reset', afterBytes: 2 }]
    ]
  ])('%s', (_, faults, offset, expected) => {
    expect(stepsFor(faults, offset, data)).toEqual(expected)
  })

  test('does not change the bytes it was given', () => {
    const bytes = data.slice()
    stepsFor([{ type: 'corrupt', atByte: 0 }], 0, bytes)
    expect(bytes).toEqual(data)
  })

  const faultArbitrary: fc.Arbitrary<Fault> = fc.oneof(
    fc.record({ type: fc.constant('corrupt' as const), atByte: fc.nat(60), mask: fc.integer({ min: 1, max: 255 }) }),
    fc.record({ type: fc.constant('cut' as const), afterBytes: fc.nat(60) }),
    fc.record({ type: fc.constant('stall' as const), afterBytes: fc.nat(60), ms: fc.nat(9) })
  )

  /** What a reader sees: bytes one by one, and the breaks between them. */
  function seen(faults: Fault[], message: Uint8Array, cuts: number[]): (number | string)[] {
    const out: (number | string)[] = []
    const bounds = [...new Set([0, ...cuts.map((cut) => cut % message.byteLength), message.byteLength])].sort(
      (a, b) => a - b
    )
    for (const [index, start] of bounds.slice(0, -1).entries()) {
      for (const step of stepsFor(faults, start, message.subarray(start, bounds[index + 1]))) {
        if (step.type === 'pass') {
          out.push(...step.bytes)
        } else {
          out.push(step.type)
        }
        if (step.type === 'cut') {
          return out
        }
      }
    }
    return out
  }

  propTest.prop([
    fc.array(faultArbitrary, { maxLength: 4 }),
    fc.uint8Array({ minLength: 1, maxLength: 50 }),
    fc.array(fc.nat(50), { maxLength: 6 })
  ])('shows the reader the same however the message was cut into chunks', (faults, message, cuts) => {
    expect(seen(faults, message, cuts)).toEqual(seen(faults, message, []))
  })
})

describe('checkPlan', () => {
  test.each<Fault>([
    { type: 'delay', ms: -1 },
    { type: 'delay', ms: Infinity },
    { type: 'cut', afterBytes: -1 },
    { type: 'cut', afterBytes: 1.5 },
    { type: 'stall', afterBytes: NaN },
    { type: 'stall', afterBytes: 0, ms: -1 },
    { type: 'corrupt', atByte: -1 },
    { type: 'corrupt', atByte: 0, mask: 0 },
    { type: 'corrupt', atByte: 0, mask: 256 }
  ])('refuses %o', (fault) => {
    expect(() => {
      checkPlan({ incoming: [fault] })
    }).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION', option: 'plan.incoming' }))
  })

  test('takes what is at the edge', () => {
    expect(() => {
      checkPlan({
        outgoing: [
          { type: 'delay', ms: 0 },
          { type: 'cut', afterBytes: 0 },
          { type: 'stall', afterBytes: 0 },
          { type: 'stall', afterBytes: 0, ms: 0 },
          { type: 'corrupt', atByte: 0, mask: 255 }
        ]
      })
    }).not.toThrow()
  })
})
