import { KeyedList, element, setText } from '../dom.js';
import { formatInteger, formatNumber, formatTime } from '../format.js';
import { keepLast } from '../keep-last.js';
import type { DeadLetterView, EventView } from '../protocol.js';

const VERBS: Readonly<Record<EventView['type'], string>> = {
  checkpoint: 'published',
  evaluating: 'evaluating',
  evaluated: 'evaluated',
  finished: 'finished',
  refused: 'refused',
};

/** What happened lately, newest first. */
export function createEventFeed(parent: HTMLElement): (events: readonly EventView[]) => void {
  const list = new KeyedList<EventView, HTMLLIElement>(parent, eventItem, () => undefined);
  return keepLast((events: readonly EventView[]) => list.render(latestFirst(events, eventKey), eventKey));
}

/** Records that were set aside, newest first, each with its reason and where it lies in the log. */
export function createDeadLetterFeed(parent: HTMLElement): (letters: readonly DeadLetterView[]) => void {
  const list = new KeyedList<DeadLetterView, HTMLLIElement>(parent, letterItem, () => undefined);
  return keepLast((letters: readonly DeadLetterView[]) => list.render(latestFirst(letters, letterKey), letterKey));
}

const eventKey = (event: EventView): string =>
  JSON.stringify([event.type, event.at, event.panel, event.run, event.step]);
const letterKey = ({ topic, partition, offset, at }: DeadLetterView): string =>
  `${topic}/${String(partition)}/${offset}/${String(at)}`;

/** By time, since topics are read side by side; deliveries that were repeated are shown once. */
function latestFirst<T extends { readonly at: number }>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()].sort((a, b) => b.at - a.at);
}

function eventItem(event: EventView): HTMLLIElement {
  return element(
    'li',
    { 'data-type': event.type },
    time(event.at),
    element('span', { class: 'feed-kind' }, VERBS[event.type]),
    element('span', { class: 'feed-text' }, ...eventText(event)),
  );
}

function eventText({ run, step, scores, seconds, error, panel }: EventView): readonly (Node | string)[] {
  if (error !== undefined) return [`${panel}: ${error}`];
  const what = step === undefined ? '' : ` step ${formatInteger(step)}`;
  const work = scores === undefined ? '' : `: ${formatInteger(scores)} scores in ${formatNumber(seconds, 2)} s`;
  return [element('b', {}, run ?? panel), `${what}${work}`];
}

function letterItem({ at, reason, error, topic, partition, offset, key }: DeadLetterView): HTMLLIElement {
  const place = element('small', {}, `${topic}, partition ${String(partition)}, offset ${offset}, key ${key}`);
  return element(
    'li',
    { 'data-type': 'dead-letter' },
    time(at),
    element('span', { class: 'feed-kind' }, reason.replaceAll('_', ' ')),
    element('span', { class: 'feed-text' }, error, place),
  );
}

function time(at: number): HTMLElement {
  const created = element('time', { datetime: new Date(at).toISOString() });
  setText(created, formatTime(at));
  return created;
}
