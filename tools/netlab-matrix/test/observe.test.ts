import { describe, expect, it } from 'vitest'
import { isFailedPunch, jsonLine, lastPath, pathsIn, punchLine } from '../src/observe.ts'

describe('a punch', () => {
  it('is told of when it went well', () => {
    const line = { type: 'peer.punched', peer: '12D3KooWNCi', path: 'direct', strategy: 'udp-punch', tookMs: 443 }
    expect(punchLine(line)).toEqual({ peer: '12D3KooWNCi', way: 'udp-punch', tookMs: 443 })
    expect(isFailedPunch(line)).toBe(false)
  })

  it('is told of when it did not', () => {
    const line = { type: 'peer.unpunched', peer: '12D3KooWNCi', reason: 'no way' }
    expect(punchLine(line)).toBeUndefined()
    expect(isFailedPunch(line)).toBe(true)
  })

  it.each([{ type: 'peer.punched' }, { type: 'transfer.progress', path: 'direct' }])('is no other line: %o', (line) => {
    expect(punchLine(line)).toBeUndefined()
    expect(isFailedPunch(line)).toBe(false)
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

  it('tells by its last path that a punched connection is gone', () => {
    const punched = { type: 'peer.punched', path: 'direct' }
    const back = { type: 'transfer.progress', path: 'relay' }
    expect(lastPath([back, punched])).toBe('direct')
    expect(lastPath([punched, back])).toBe('relay')
  })

  it('has a direct path where a punch is all that was told', () => {
    expect(lastPath([{ type: 'peer.punched' }])).toBe('direct')
    expect(lastPath([{ type: 'peer.punched' }, { type: 'peer.path', path: 'relay' }])).toBe('relay')
  })
})
