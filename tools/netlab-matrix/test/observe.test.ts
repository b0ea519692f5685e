import { describe, expect, it } from 'vitest'
import { isFailedPunch, jsonLine, lastPath, pathsIn, punchLine } from '../src/observe.ts'

describe('the log', () => {
  it('tells of a punch that went well', () => {
    const line = '2026-11-22T21:34:36.665Z p2pshare:nat:punch direct to 12D3KooWNCi by udp-punch in 443 ms'
    expect(punchLine(line)).toEqual({ peer: '12D3KooWNCi', way: 'udp-punch', tookMs: 443 })
  })

  it.each([
    '',
    '2026-11-22T21:34:36.665Z p2pshare:nat:punch no direct connection to 12D3KooWNCi - Error',
    '2026-11-22T21:34:36.665Z p2pshare:nat:dial direct to 12D3KooWNCi by udp-punch in 443 ms'
  ])('tells of nothing else: %s', (line) => {
    expect(punchLine(line)).toBeUndefined()
  })

  it('tells of one that did not', () => {
    expect(isFailedPunch('2026-11-22T21:34:36Z p2pshare:nat:punch no direct connection to 12D3KooWNCi - Error')).toBe(
      true
    )
    expect(isFailedPunch('2026-11-22T21:34:36Z p2pshare:nat:punch direct to 12D3KooWNCi by lan in 4 ms')).toBe(false)
  })
})

describe('the output', () => {
  it('is objects with a type, one a line', () => {
    expect(jsonLine('{"v":1,"type":"transfer.done"}')).toEqual({ v: 1, type: 'transfer.done' })
    expect(['', 'null', '[]', '{}', '{"type":1}', '{'].map(jsonLine)).toEqual(Array(6).fill(undefined))
  })

  it('has the path in whatever told of one last', () => {
    const joined = { type: 'transfer.peer', path: 'relay' }
    const progress = { type: 'transfer.progress', path: 'direct' }
    const left = { type: 'transfer.progress', path: 'none' }
    expect(pathsIn([joined, joined, left, progress, progress])).toEqual(['relay', 'direct'])
    expect(lastPath([])).toBe('none')
    expect(lastPath([joined])).toBe('relay')
    expect(lastPath([joined, progress, left, { type: 'transfer.done' }])).toBe('direct')
  })
})
