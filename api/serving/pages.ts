import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

/** Everything that the page needs comes from here: nothing is asked of other servers. */
const OWN_ONLY = {
  'default-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'style-src': ["'self'", "'unsafe-inline'"],
  'object-src': ["'none'"],
  'frame-ancestors': ["'none'"],
}

/** `/openapi.json`, the interactive page at `/docs`, and `/health`. They hold no data and need no token. */
export async function addPages(app: FastifyInstance, document: Readonly<Record<string, unknown>>): Promise<void> {
  await app.register(swagger, { mode: 'static', specification: { document } as never })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: OWN_ONLY,
    theme: { title: 'Kappa API' },
    // Deep links for people; no validator elsewhere, and no bar for other documents.
    uiConfig: {
      layout: 'BaseLayout',
      deepLinking: true,
      docExpansion: 'list',
      validatorUrl: null,
      persistAuthorization: false,
    },
  })
  app.get('/openapi.json', async (_, reply) => reply.type('application/json').send(document))
  app.get('/health', async () => ({ alive: true }))
  app.get('/', async (_, reply) => reply.redirect('/docs'))
}
