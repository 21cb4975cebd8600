import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Where the page lies compiled, beside this module. */
export const PAGE_FOLDER = fileURLToPath(new URL('./page/', import.meta.url));

const VENDOR_FOLDER = dirname(createRequire(import.meta.url).resolve('uplot/dist/uPlot.esm.js'));
const VENDOR_FILES = ['/uPlot.esm.js', '/uPlot.min.css'];

/**
 * `/` and `/assets/*`: files of the page, and uPlot from its package. `/runbooks/<Alert>`: what alerts link to. Nothing
 * else of these folders is reachable.
 */
export async function registerAssets(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: folder,
    prefix: '/assets/',
    index: false,
    allowedPath: (path) => /\.(html|js|css|svg|map)$/.test(path),
  });
  await app.register(fastifyStatic, {
    root: VENDOR_FOLDER,
    prefix: '/assets/vendor/',
    index: false,
    decorateReply: false,
    allowedPath: (path) => VENDOR_FILES.includes(path),
  });
  app.get('/', (_, reply) => reply.sendFile('index.html', folder));
  app.get<{ Params: { alert: string } }>('/runbooks/:alert', {
    schema: { params: { type: 'object', properties: { alert: { type: 'string', pattern: '^[A-Za-z]+$' } } } },
    handler: ({ params: { alert } }, reply) => reply.sendFile(`runbooks/${alert}.html`, folder),
  });
}
