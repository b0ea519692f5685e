import { format, inspect } from 'node:util'
import { CID } from 'multiformats/cid'
import { describe, expect, test } from 'vitest'
import { InvalidTicketError } from '../../src/errors.ts'
import { SHARE_ID_BYTES, SHARE_KEY_BYTES, ShareSecret } from '../../src/private/secret.ts'
import { encodeTicket, parseSource, toLink, withSecret } from '../../src/ticket.ts'

const ROOT = CID.parse('bafybeia5qqwfkahprjvpdmsvwl3fm6hqosg4k5cwmbndskyz5nl3wknboq')
const OTHER = CID.parse('bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e')

describe('the secret of a share', () => {
  test('comes back from what is written in its link', () => {
    const secret = ShareSecret.create()
    const text = secret.toFragment(ROOT)
    expect(text).toHaveLength(Math.ceil(((1 + SHARE_ID_BYTES + SHARE_KEY_BYTES + 8) * 8) / 5))
    expect(ShareSecret.fromFragment(text, ROOT).toFragment(ROOT)).toBe(text)
    expect(ShareSecret.fromFragment(text.toUpperCase(), ROOT).toFragment(ROOT)).toBe(text)
  })

  test('belongs to one root: the key of one link does not go with the ticket of another', () => {
    const text = ShareSecret.create().toFragment(ROOT)
    expect(() => ShareSecret.fromFragment(text, OTHER)).toThrow(InvalidTicketError)
  })

  test.each(['', 'a', '0189', 'a b', 'p2pshare1abc', 'a'.repeat(92), 'a'.repeat(10_000)])('is not %j', (text) => {
    expect(() => ShareSecret.fromFragment(text, ROOT)).toThrow(InvalidTicketError)
  })

  test('every changed, lost or added character is found, and no error has anything of the key', () => {
    const text = ShareSecret.create().toFragment(ROOT)
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === 'a' ? 'b' : 'a'
      for (const wrong of [
        text.slice(0, at) + other + text.slice(at + 1),
        text.slice(0, at) + text.slice(at + 1),
        text.slice(0, at) + other + text.slice(at)
      ]) {
        const error = caught(() => ShareSecret.fromFragment(wrong, ROOT))
        expect(error).toBeInstanceOf(InvalidTicketError)
        expect(inspect(error)).not.toContain(wrong.slice(4, 12))
      }
    }
  })

  test('shows nothing of itself', () => {
    const secret = ShareSecret.create()
    const text = secret.toFragment(ROOT)
    const shown = [
      inspect(secret, { depth: 9, showHidden: true }),
      JSON.stringify({ secret }),
      format('%s', secret)
    ].join()
    expect(shown).not.toContain(text.slice(2, 10))
    expect(shown.length).toBeLessThan(120)
  })
})

describe('a link with a key', () => {
  const secret = ShareSecret.create()
  const ticket = encodeTicket({ root: ROOT, providers: [], isPrivate: true })
  const text = withSecret(ticket, ROOT, secret)

  test.each([
    text,
    toLink(text),
    ` <${toLink(text)}> `,
    text.replace('#', '#\n '),
    `${ROOT.toString()}#${secret.toFragment(ROOT)}`
  ])('is read: %#', (link) => {
    const parsed = parseSource(link)
    expect(parsed.root.equals(ROOT)).toBe(true)
    expect(parsed.secret?.toFragment(ROOT)).toBe(secret.toFragment(ROOT))
  })

  test('without its key is not taken for a share of its own', () => {
    expect(() => parseSource(ticket)).toThrow('the key is missing')
    expect(() => parseSource(`${ticket}#`)).toThrow(InvalidTicketError)
  })

  test('has nothing of the key before the mark', () => {
    expect(ticket).not.toContain(secret.toFragment(ROOT).slice(4, 12))
  })
})

function caught(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return error
  }
}
