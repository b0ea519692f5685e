/**
 * The chai that libp2p's compliance suites import as `aegir/chai`: with promises (`eventually`, `rejected`), byte
 * comparison (`equalBytes`), and assertions that are called where chai has bare properties (`to.be.empty()`).
 */
import chaiAsPromised from 'chai-as-promised'

// a copy of its own: test runners build their `expect` on the same module, and what is changed here is not for them
const chai = await import(`${import.meta.resolve('chai')}?aegir`)

/** Properties that the suites call; each also works without the call, as in chai. */
const CALLED = ['exist', 'ok', 'true', 'false', 'null', 'undefined', 'empty', 'rejected', 'fulfilled']

function equalBytes({ Assertion }) {
  Assertion.addMethod('equalBytes', function (expected) {
    const actual = this._obj
    new Assertion(actual).to.be.an.instanceOf(Uint8Array)
    this.assert(
      Buffer.compare(actual, expected) === 0,
      `expected the same ${expected.byteLength} bytes, got ${actual.byteLength} bytes of which some differ`,
      'expected other bytes'
    )
  })
}

/** `assertion` that can be called once more, which gives `assertion` again: it was checked when it was read. */
function callable(assertion) {
  return new Proxy(() => assertion, { get: (_, key) => Reflect.get(assertion, key) })
}

function calledProperties({ Assertion }) {
  for (const name of CALLED) {
    const { get } = Object.getOwnPropertyDescriptor(Assertion.prototype, name)
    Object.defineProperty(Assertion.prototype, name, {
      configurable: true,
      get() {
        return callable(get.call(this))
      }
    })
  }
}

chai.use(equalBytes)
chai.use(chaiAsPromised)
chai.use(calledProperties)

export const { assert, expect } = chai
