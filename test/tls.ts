import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface Certificate {
  /** PEM files. */
  readonly cert: string;
  readonly key: string;
}

/** Makes a certificate for 127.0.0.1 that signs itself, so whoever trusts it must be told to. Needs openssl. */
export function selfSigned(dir: string, name: string): Certificate {
  const certificate = { cert: join(dir, `${name}.pem`), key: join(dir, `${name}.key`) };
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`],
      ...['-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', certificate.key, '-out', certificate.cert],
    ],
    { stdio: 'ignore' },
  );
  return certificate;
}
