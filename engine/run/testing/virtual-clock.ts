import type { WallClock } from '#engine/core/wall-clock.js'

interface Alarm {
  readonly atUs: number
  readonly n: number
  readonly call: () => void
}

/** A clock for tests: time stands while anybody works, and leaps to the next alarm when all are idle. */
export class VirtualClock implements WallClock {
  #nowUs: number
  #alarms: Alarm[] = []
  #count = 0

  readonly #isBusy: () => boolean

  /** `isBusy` says whether something works that is no promise of this thread, such as a disk. */
  constructor(startUs: number, isBusy: () => boolean = () => false) {
    this.#nowUs = startUs
    this.#isBusy = isBusy
  }

  readonly nowUs = (): number => this.#nowUs

  readonly wakeAt = (atUs: number, call: () => void): (() => void) => {
    const alarm = { atUs: Math.max(atUs, this.#nowUs), n: this.#count++, call }
    let at = this.#alarms.length
    while (at > 0 && this.#alarms[at - 1]!.atUs > alarm.atUs) at--
    this.#alarms.splice(at, 0, alarm)
    return () => {
      this.#alarms = this.#alarms.filter(one => one !== alarm)
    }
  }

  /** Lets time pass until `isOver`, or `untilUs`; whoever works is waited for at each step. */
  async run({ untilUs, isOver }: { untilUs: number; isOver: () => boolean }): Promise<void> {
    for (;;) {
      do await idle()
      while (this.#isBusy())
      if (isOver()) return
      const next = this.#alarms[0]
      if (!next || next.atUs > untilUs) {
        this.#nowUs = Math.max(this.#nowUs, untilUs)
        return
      }
      this.#alarms.shift()
      this.#nowUs = next.atUs
      next.call()
    }
  }
}

/** Until promises that are kept already, and what they bring about, have been seen to. */
async function idle(): Promise<void> {
  for (let k = 0; k < 3; k++)
    await new Promise(resolve => {
      setImmediate(resolve)
    })
}
