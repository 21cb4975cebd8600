import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Runs a test against a web server on the loopback interface. */
export async function withServer<T>(
  answer: RequestListener,
  test: (server: { readonly host: string; readonly url: string }) => Promise<T>,
): Promise<T> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await test({ host, url: `http://${host}` });
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}
