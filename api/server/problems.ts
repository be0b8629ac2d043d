import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  HTTPMethods,
} from 'fastify'
import { NoAnswer } from '../run/served-run.js'
import type { Problem } from '../shapes/common.js'

/** A request that is refused: status, what was wrong, where, and what was expected. */
export class Refused extends Error {
  readonly status: number
  readonly where: string
  readonly expected: string
  constructor(status: number, detail: string, { where = '', expected = '' } = {}) {
    super(detail)
    this.status = status
    this.where = where
    this.expected = expected
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'No key',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  421: 'Wrong host',
  422: 'Cannot be done',
  429: 'Too many requests',
  431: 'Header too large',
  500: 'Internal error',
  501: 'Not built',
  503: 'Not now',
}

const STATUS_OF = { 'not-found': 404, bad: 400, failed: 503, busy: 503 } as const

/** Every answer that is no yes has one form. Our own faults are said to whoever runs the server, and not to the client. */
export function answerProblems(app: FastifyInstance, note: (line: string) => void): void {
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    if (error instanceof Refused) return send(reply, error.status, error.message, error)
    if (error instanceof NoAnswer) return send(reply, STATUS_OF[error.why], error.message, error)
    const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500
    if (status >= 400 && status < 500) return send(reply, status, error.message)
    note(`${request.method} ${request.routeOptions.url ?? '?'}: ${error.stack ?? error.message}`)
    return send(reply, 500, 'the server has a fault, which it has noted')
  })
  // Other methods than ours have no business here, whatever they carry.
  app.addHook('onRequest', async (request, reply) => {
    if (METHODS.some(method => method === request.method)) return
    const others = methodsOf(app, request)
    if (others.length === 0) throw new Refused(404, `there is no ${pathOf(request)}`)
    void reply.header('allow', others.join(', '))
    throw new Refused(405, `${request.method} is not for ${pathOf(request)}`, {
      expected: others.join(', '),
    })
  })
  app.setNotFoundHandler((request, reply) => {
    const others = methodsOf(app, request)
    // A route of this very method that was not taken: a part of the path is longer than any name.
    if (others.length === 0 || others.some(other => other === request.method))
      return send(reply, 404, `there is no ${pathOf(request)}`, { expected: '/api/openapi.json' })
    void reply.header('allow', others.join(', '))
    return send(reply, 405, `${request.method} is not for ${pathOf(request)}`, {
      expected: others.join(', '),
    })
  })
}

/** Answers with a problem. */
export function send(
  reply: FastifyReply,
  status: number,
  detail: string,
  { where = '', expected = '' }: { where?: string; expected?: string } = {},
): FastifyReply {
  const problem: Problem = {
    ...{ type: 'about:blank', title: TITLES[status] ?? 'Refused', status, detail },
    ...(where !== '' && { where }),
    ...(expected !== '' && { expected }),
  }
  return reply.code(status).type('application/problem+json').send(JSON.stringify(problem))
}

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST']

function methodsOf(app: FastifyInstance, request: FastifyRequest): HTTPMethods[] {
  const path = pathOf(request)
  return METHODS.filter(method => app.hasRoute({ method, url: path }) || fits(app, method, path))
}

/** Whether a route with parameters takes this path: the router is asked by the patterns that we publish. */
function fits(app: FastifyInstance, method: HTTPMethods, path: string): boolean {
  const parts = path.split('/')
  return PATTERNS.some(pattern => {
    const wanted = pattern.split('/')
    const isSame =
      wanted.length === parts.length &&
      wanted.every((part, k) => part.startsWith(':') || part === parts[k])
    return isSame && app.hasRoute({ method, url: pattern })
  })
}

/** Routes with a parameter in their path. */
const PATTERNS = ['/api/markets/:id', '/api/execution/confirm/:id', '/api/signals/:id']

const pathOf = ({ url }: FastifyRequest): string => url.split('?')[0] ?? url
