import { der, Tag } from './der.ts'
import type { DerReader } from './der.ts'
import { InvalidCertificateError } from './errors.ts'

const UTC_TIME = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/
const GENERALIZED_TIME = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/
/** RFC 5280: two-digit years from 50 on are of the 20th century. */
const FIRST_SHORT_YEAR = 50
/** RFC 5280: from this year on times are written with four digits. */
const FIRST_LONG_YEAR = 2050

/**
 * Reads a time of a certificate, in one of the two forms that RFC 5280 allows; milliseconds since 1970.
 *
 * @throws InvalidCertificateError
 */
export function parseTime(reader: DerReader): number {
  const short = reader.peek() === Tag.utcTime
  const { value } = reader.read(short ? Tag.utcTime : Tag.generalizedTime, 'time')
  const found = (short ? UTC_TIME : GENERALIZED_TIME).exec(Buffer.from(value).toString('latin1'))
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found?.slice(1).map(Number) ?? []
  const fullYear = short ? year + (year < FIRST_SHORT_YEAR ? 2000 : 1900) : year
  const date = new Date(0)
  date.setUTCFullYear(fullYear, month - 1, day)
  date.setUTCHours(hour, minute, second)
  const fits = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  if (found === null || !fits) {
    throw new InvalidCertificateError('a time that does not exist')
  }
  return date.getTime()
}

/** A time as RFC 5280 wants it: whole seconds, and the form that its year asks for. */
export function derTime(ms: number): Buffer {
  const date = new Date(ms)
  const digits = date
    .toISOString()
    .slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)
    .replaceAll(/[^0-9]/g, '')
  const short = date.getUTCFullYear() < FIRST_LONG_YEAR
  return short
    ? der(Tag.utcTime, Buffer.from(`${digits.slice(2)}Z`))
    : der(Tag.generalizedTime, Buffer.from(`${digits}Z`))
}
