import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import type { SASLOptions } from 'kafkajs';
import { DiscernError } from '../../errors.js';
import type { KafkaSasl, KafkaSettings, KafkaTls } from './settings.js';

export interface Security {
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: SASLOptions;
}

/**
 * Reads the files that `ssl` and `sasl` name.
 *
 * @throws DiscernError CONFIG_INVALID that names the key and the file, never what is in it
 */
export async function readSecurity({ ssl, sasl }: Pick<KafkaSettings, 'ssl' | 'sasl'>): Promise<Security> {
  return {
    ...(ssl === undefined ? {} : { ssl: typeof ssl === 'boolean' ? ssl : await readTls(ssl) }),
    ...(sasl === undefined ? {} : { sasl: await readSasl(sasl) }),
  };
}

async function readTls(tls: KafkaTls): Promise<ConnectionOptions> {
  const { caFile, certFile, keyFile, keyPassphrase, serverName } = tls;
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new DiscernError('CONFIG_INVALID', 'log.kafka.ssl: certFile and keyFile go together, one is missing');
  return {
    ...(caFile === undefined ? {} : { ca: await read('ssl.caFile', caFile) }),
    ...(certFile === undefined ? {} : { cert: await read('ssl.certFile', certFile) }),
    ...(keyFile === undefined ? {} : { key: await read('ssl.keyFile', keyFile) }),
    ...(keyPassphrase === undefined ? {} : { passphrase: keyPassphrase }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

async function readSasl({ mechanism, username, password, passwordFile }: KafkaSasl): Promise<SASLOptions> {
  if (password !== undefined) return { mechanism, username, password };
  if (passwordFile === undefined)
    throw new DiscernError('CONFIG_INVALID', `log.kafka.sasl: no password for ${username}`, {
      hint: 'Set DISCERN_LOG_KAFKA_SASL_PASSWORD, or name a file that holds it in log.kafka.sasl.passwordFile.',
    });
  const [line] = (await read('sasl.passwordFile', passwordFile)).split(/\r?\n/);
  return { mechanism, username, password: line };
}

async function read(key: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { message } = error as Error;
    throw new DiscernError('CONFIG_INVALID', `log.kafka.${key}: ${file} cannot be read: ${message}`, { cause: error });
  }
}
