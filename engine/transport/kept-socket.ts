import { WebSocket } from 'ws'

/** How a connection to the venue is kept. Times in ms. */
export interface SocketRules {
  /** Between two `PING`s; the venue expects one every 10 s. */
  readonly pingMs: number
  /** Without a `PONG` for so long the connection is dead. */
  readonly pongMs: number
  /** Without any data for so long somebody has to ask whether there should have been some. */
  readonly silentMs: number
  /** First and longest wait before it is opened again; each failure doubles it, and up to as much again is added by chance. */
  readonly backoffMs: number
  readonly backoffMaxMs: number
  /** Longest that opening may take. */
  readonly openMs: number
}

/** What the field's clients do and what is known of the venue, 2026. */
export const SOCKET_RULES: SocketRules = {
  pingMs: 10_000,
  pongMs: 30_000,
  silentMs: 20_000,
  backoffMs: 250,
  backoffMaxMs: 30_000,
  openMs: 10_000,
}

/** Most bytes of one frame: the first one holds all books. */
const FRAME_MAX = 64 << 20

/** Who uses a connection. */
export interface SocketUser {
  /** It is open, for the first time or again: subscriptions are gone, and books with them. */
  readonly opened: (socket: KeptSocket) => void
  /** One frame of text, as bytes, that is no answer to a `PING`. */
  readonly frame: (bytes: Buffer, socket: KeptSocket) => void
  /** It was lost, and why. It is opened again by itself. */
  readonly lost: (why: string, socket: KeptSocket) => void
  /** No data for a while, though it answers. */
  readonly silent: (socket: KeptSocket) => void
}

/** One connection that is opened again whenever it is lost, until it is closed. */
export class KeptSocket {
  readonly #url: string
  readonly #rules: SocketRules
  readonly #user: SocketUser
  /** 0 … 1, by chance: so that many connections do not come back at the same moment. */
  readonly #chance: () => number
  #socket: WebSocket | undefined
  #isOpen = false
  #isClosed = false
  #failures = 0
  #pongMs = 0
  #dataMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(
    url: string,
    user: SocketUser,
    { rules, chance }: { rules: SocketRules; chance: () => number },
  ) {
    this.#url = url
    this.#user = user
    this.#rules = rules
    this.#chance = chance
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Opens it; again after each loss, until it is closed. */
  open(): void {
    if (this.#isClosed || this.#socket) return
    const { openMs: handshakeTimeout } = this.#rules
    const socket = new WebSocket(this.#url, {
      ...{ handshakeTimeout, maxPayload: FRAME_MAX, perMessageDeflate: false },
    })
    this.#socket = socket
    socket.on('open', () => {
      this.#isOpen = true
      this.#pongMs = this.#dataMs = performance.now()
      this.#timer = setInterval(() => {
        this.#look()
      }, this.#rules.pingMs)
      this.#user.opened(this)
    })
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.#received(data, isBinary)
    })
    socket.on('error', error => {
      this.#lose(error.message)
    })
    socket.on('close', (code: number) => {
      this.#lose(`closed with code ${code}`)
    })
  }

  /** Sends text; nothing where it is not open. */
  send(text: string): void {
    if (this.#isOpen) this.#socket?.send(text)
  }

  /** Gives the connection up and opens another. */
  restart(why: string): void {
    this.#lose(why)
  }

  close(): void {
    this.#isClosed = true
    this.#drop()
  }

  #received(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      this.#lose('a binary frame')
      return
    }
    this.#failures = 0
    if (data.length === 4 && data.toString('latin1') === 'PONG') {
      this.#pongMs = performance.now()
      return
    }
    this.#dataMs = performance.now()
    this.#user.frame(data, this)
  }

  #look(): void {
    const now = performance.now()
    const { pongMs, silentMs, pingMs } = this.#rules
    if (now - this.#pongMs > pongMs) {
      this.#lose(`no PONG for ${Math.round((now - this.#pongMs) / 1_000)} s`)
      return
    }
    this.send('PING')
    if (now - this.#dataMs >= Math.max(silentMs, pingMs)) this.#user.silent(this)
  }

  #drop(): void {
    this.#isOpen = false
    clearInterval(this.#timer)
    clearTimeout(this.#timer)
    const socket = this.#socket
    this.#socket = undefined
    socket?.removeAllListeners()
    socket?.on('error', () => undefined) // what is told of a connection that was given up
    socket?.terminate()
  }

  #lose(why: string): void {
    if (this.#isClosed || !this.#socket) return
    this.#drop()
    this.#user.lost(why, this)
    const { backoffMs, backoffMaxMs } = this.#rules
    const waitMs = Math.min(backoffMaxMs, backoffMs * 2 ** Math.min(this.#failures++, 16))
    this.#timer = setTimeout(
      () => {
        this.open()
      },
      waitMs * (1 + this.#chance()),
    )
  }
}
