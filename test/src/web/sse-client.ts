/** A field of an event stream, as it came. */
export interface ReceivedEvent {
  readonly event: string;
  readonly data: unknown;
}

/** Events of a stream over a real socket; comments come as the event `comment`. Returning closes the socket. */
export async function* readEvents(url: string): AsyncGenerator<ReceivedEvent, undefined> {
  const abort = new AbortController();
  const response = await fetch(url, { signal: abort.signal });
  if (response.body === null || !response.ok) throw new Error(`${url}: ${String(response.status)}`);
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of response.body) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const event of blocks.map(parse)) if (event !== undefined) yield event;
    }
  } finally {
    abort.abort();
  }
  return undefined;
}

function parse(block: string): ReceivedEvent | undefined {
  if (block.startsWith(':')) return { event: 'comment', data: block.slice(1).trim() };
  const event = /^event: (.*)$/m.exec(block)?.[1];
  const data = /^data: (.*)$/m.exec(block)?.[1];
  return event === undefined || data === undefined ? undefined : { event, data: JSON.parse(data) as unknown };
}
