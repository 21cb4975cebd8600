import { element } from '../dom.js';

/** Hands a file to the browser's downloads. */
export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = element('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  // The download has its own hold on the content once it has started.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
