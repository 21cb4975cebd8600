import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a request shows to be let in. */
export interface Credentials {
  readonly authorization?: string | undefined;
  readonly cookie?: string | undefined;
}

/** Who may read. */
export interface Access {
  allows(credentials: Credentials): boolean;
  /** A cookie for a browser, which cannot send a header with an event stream; undefined for a wrong token. */
  signIn(token: string): string | undefined;
}

const COOKIE = 'discern_session';

/**
 * With a token, readers show it as `Authorization: Bearer …` (Prometheus) or trade it for a session cookie (browsers).
 * The cookie is no copy of the token and dies with the process. Without a token everybody may read.
 */
export function createAccess(token?: string): Access {
  if (token === undefined) return { allows: () => true, signIn: () => undefined };
  const session = randomBytes(32).toString('hex');
  return {
    allows: ({ authorization, cookie }) =>
      equal(authorization?.replace(/^Bearer /i, ''), token) || equal(cookieValue(cookie), session),
    signIn: (given) => (equal(given, token) ? `${COOKIE}=${session}; Path=/; HttpOnly; SameSite=Strict` : undefined),
  };
}

function cookieValue(header = ''): string | undefined {
  const pairs = header.split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === COOKIE)?.[1];
}

/** In a time that does not tell how much of it was right. */
function equal(given: string | undefined, expected: string): boolean {
  if (given === undefined) return false;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
