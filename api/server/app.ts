import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import fastifyStatic from '@fastify/static'
import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { fastify } from 'fastify'
import { actRoutes } from '../routes/act.js'
import { healthRoutes } from '../routes/health.js'
import { lookRoutes } from '../routes/look.js'
import { streamRoutes } from '../routes/stream.js'
import { Desk, type DeskOptions } from './desk.js'
import { guard, type GuardOptions } from './guard.js'
import { Metrics } from './metrics.js'
import { answerProblems, Refused, send } from './problems.js'
import { asOpenApi } from './open-api.js'
import type { App } from './typed.js'
import { validator } from './validator.js'

/** Most bytes of a request's body, and of a part of a path. */
const BODY_BYTES_MAX = 65_536
const PARAM_MAX = 300
/** Requests of one address in a minute: whoever scrubs asks ten times a second. */
const READS_A_MINUTE = 6_000
const WRITES_A_MINUTE = 120
/** Bytes of headers, and how long a request may take to come. */
const HEADERS_MAX = 16_384
const REQUEST_MS = 15_000

/** What a server is made with. */
export interface ServerOptions extends DeskOptions, GuardOptions {
  /** The built page; undefined where it was not built. */
  readonly window: string | undefined
  readonly version: string
  readonly note: (line: string) => void
  /** For tests. */
  readonly writesAMinute?: number
  readonly readsAMinute?: number
}

/** A server that does not listen yet. */
export async function serverOf(options: ServerOptions): Promise<{ app: App; desk: Desk }> {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS,
    routerOptions: { maxParamLength: PARAM_MAX },
    http: { maxHeaderSize: HEADERS_MAX },
    forceCloseConnections: true,
    frameworkErrors: (error, _request, reply) => {
      void send(reply, error.statusCode ?? 400, 'the address cannot be read')
    },
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.setValidatorCompiler(validator)
  app.removeContentTypeParser('text/plain') // what a form of another page can send is no request
  const metrics = new Metrics()
  const desk = new Desk({
    ...options,
    onTip: ({ source, foldMs, behindMs }) => {
      if (foldMs !== null) metrics.read({ source, foldMs, behindMs: behindMs ?? undefined })
    },
  })
  answerProblems(app, options.note)
  guard(app, options)
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request
    const status = reply.statusCode
    metrics.request({ method, route: routeOptions.url ?? 'none', status, ms: reply.elapsedTime })
  })
  await app.register(helmet, HELMET)
  await app.register(rateLimit, {
    timeWindow: '1 minute',
    max: (request): number =>
      isRead(request.method)
        ? (options.readsAMinute ?? READS_A_MINUTE)
        : (options.writesAMinute ?? WRITES_A_MINUTE),
    keyGenerator: request => `${request.ip}|${isRead(request.method) ? 'read' : 'write'}`,
    errorResponseBuilder: (_request, { after }) =>
      new Refused(429, `too many requests: again in ${after}`),
  })
  await app.register(swagger, openApiOf(options.version))
  await app.register(async scope => {
    const typed = scope.withTypeProvider<TypeBoxTypeProvider>()
    lookRoutes(typed, desk)
    actRoutes(typed, desk)
    healthRoutes(typed, desk)
    await streamRoutes(typed, desk)
  })
  app.get('/api/openapi.json', { schema: { hide: true } }, () => asOpenApi(app.swagger()))
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    metrics.forgetRuns()
    for (const { name, run, hub } of desk.open) {
      const gauges = await run.ask('gauges', undefined)
      const isWell = !gauges.hardStop && (run.tip?.trouble ?? null) === null
      metrics.run(name, gauges, { clients: hub.clients, isWell })
    }
    return await reply.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
  await servePage(app, options.window)
  app.addHook('onClose', async () => {
    await desk.close()
  })
  return { app, desk }
}

const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD'

/** Nothing comes from elsewhere, nothing is embedded elsewhere, nothing runs that is no file of ours. */
const HELMET = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      manifestSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  crossOriginEmbedderPolicy: true,
  strictTransportSecurity: false,
  referrerPolicy: { policy: 'no-referrer' },
} as const

/** The page, or how it is built. */
async function servePage(app: App, window: string | undefined): Promise<void> {
  if (window !== undefined) {
    await app.register(fastifyStatic, { root: window, cacheControl: false, etag: true })
    return
  }
  app.get('/', { schema: { hide: true } }, async (_request, reply) =>
    reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT),
  )
}

/** What is said where the page is not there. */
export const NOT_BUILT = `The window is not built here; the API under /api works without it.
Build it with 'npm run build' in the clone, then start 'polaris serve' again.
`

const openApiOf = (version: string) =>
  ({
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'polaris',
        version,
        description:
          'A run as its log tells it, behind any event. Times in ms unless the name says µs (`_us`), prices in 1e-4 dollar (`_e4`), money and sizes in 1e-6 (`_micro`).',
      },
      components: {
        securitySchemes: { key: { type: 'apiKey', name: 'x-api-key', in: 'header' } },
      },
    },
  }) as const
