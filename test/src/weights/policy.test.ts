import { describe, expect, it } from '@jest/globals';
import { assertPublic, isPrivate, lookupPublic } from '../../../src/weights/addresses.js';
import { isBucketAllowed, judgeHost } from '../../../src/weights/policy.js';

const judged = (url: string, ...hosts: string[]) => judgeHost(new URL(url), hosts);

describe('an allowed host', () => {
  it('is a name with the usual port, or with the one that is given', () => {
    expect(judged('https://models.org/w', 'models.org')).toBe('anywhere');
    expect(judged('http://MODELS.org/w', 'Models.ORG')).toBe('anywhere');
    expect(judged('http://models.org:80/w', 'models.org:80')).toBe('anywhere');
    expect(judged('https://models.org/w', 'models.org:80')).toBe('forbidden');
    expect(judged('https://models.org:8443/w', 'models.org')).toBe('forbidden');
    expect(judged('https://models.org:8443/w', 'models.org:8443')).toBe('anywhere');
    expect(judged('http://[::1]:9000/w', '[::1]:9000')).toBe('anywhere');
    expect(judged('http://0x7f.1/w', '127.0.0.1')).toBe('anywhere');
  });

  it('is no other one that looks like it', () => {
    for (const url of [
      'https://evil-models.org/',
      'https://models.org.evil/',
      'https://models.org./',
      'https://a.models.org/',
    ])
      expect(judged(url, 'models.org')).toBe('forbidden');
    expect(judged('https://models.org@evil/', 'models.org')).toBe('forbidden');
  });

  it('may be any below a domain, though then only with a public address', () => {
    expect(judged('https://a.b.models.org/', '*.models.org')).toBe('public');
    expect(judged('https://models.org/', '*.models.org')).toBe('forbidden');
    expect(judged('https://evilmodels.org/', '*.models.org')).toBe('forbidden');
    expect(judged('https://a.models.org/', '*.models.org', 'a.models.org')).toBe('anywhere');
  });
});

describe('an address', () => {
  it.each([
    ...[
      '127.0.0.1',
      '10.1.2.3',
      '172.31.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.100.0.1',
      '0.0.0.0',
      '255.255.255.255',
    ],
    ...['::1', '::', 'fd00::1', 'fe80::1', '::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '64:ff9b::a00:1', '2002:7f00:1::'],
  ])('%s is private', (address) => expect(isPrivate(address)).toBe(true));

  it.each(['8.8.8.8', '172.32.0.1', '192.169.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) =>
    expect(isPrivate(address)).toBe(false),
  );

  it('that is private is refused of names and of hosts that are an address', async () => {
    for (const all of [true, false]) {
      const found = new Promise((resolve, reject) =>
        lookupPublic('localhost', { all }, (error, address) => (error === null ? resolve(address) : reject(error))),
      );
      await expect(found).rejects.toMatchObject({ code: 'WEIGHTS_FORBIDDEN' });
    }
    expect(() => assertPublic('[::1]')).toThrow('private address ::1');
    expect(() => assertPublic('10.0.0.1')).toThrow('private address');
    expect(() => assertPublic('8.8.8.8')).not.toThrow();
    expect(() => assertPublic('models.org')).not.toThrow();
  });
});

describe('an allowed bucket', () => {
  it('is allowed whole, or below a prefix', () => {
    expect(isBucketAllowed('saes', 'a/w', ['saes'])).toBe(true);
    expect(isBucketAllowed('saes2', 'a/w', ['saes'])).toBe(false);
    expect(isBucketAllowed('saes', 'a/w', ['saes/a'])).toBe(true);
    expect(isBucketAllowed('saes', 'a/w', ['saes/a/'])).toBe(true);
    expect(isBucketAllowed('saes', 'ab/w', ['saes/a'])).toBe(false);
    expect(isBucketAllowed('saes', 'b/w', ['saes/a', 'saes/b'])).toBe(true);
    expect(isBucketAllowed('saes', 'w', [])).toBe(false);
  });
});
