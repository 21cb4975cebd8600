import kafkajs, { type PartitionAssigner } from 'kafkajs';

const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol;

/** What a member says of itself when the group divides the partitions. */
export interface Claim {
  readonly memberId: string;
  /** What it had until now. */
  readonly partitions: readonly number[];
  /** When it was given them, in milliseconds since the epoch: of two claims the later one counts. */
  readonly since: number;
}

/**
 * Divides the partitions of a topic so that members differ by one at most and keep what they have: work on it would
 * otherwise be done twice.
 */
export function divide(
  partitions: readonly number[],
  claims: readonly Claim[],
): ReadonlyMap<string, readonly number[]> {
  const members = [...claims].sort((a, b) => b.since - a.since || compare(a.memberId, b.memberId));
  const divided = new Map<string, number[]>(members.map(({ memberId }) => [memberId, []]));
  if (members.length === 0) return divided;
  const free = new Set(partitions);
  const share = Math.floor(partitions.length / members.length);
  // So many members have one more than the others.
  let larger = partitions.length % members.length;
  for (const { memberId, partitions: claimed } of members) {
    const kept = divided.get(memberId)!;
    for (const partition of claimed) {
      if (kept.length === share + (larger > 0 ? 1 : 0)) break;
      if (free.delete(partition)) kept.push(partition);
    }
    if (kept.length > share) larger--;
  }
  for (const partition of [...free].sort((a, b) => a - b)) smallest(divided).push(partition);
  return divided;
}

function smallest(divided: ReadonlyMap<string, number[]>): number[] {
  const byName = [...divided].sort(([a], [b]) => compare(a, b));
  return byName.reduce((least, [, kept]) => (kept.length < least.length ? kept : least), byName[0][1]);
}

/** Independent of the locale, so that all members would divide alike. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The assigner of a group that reads one topic.
 *
 * @param own what this member has now
 */
export function stickyAssigner(topic: string, own: () => Omit<Claim, 'memberId'>): PartitionAssigner {
  return ({ cluster }) => ({
    name: 'discern-sticky',
    version: 0,
    protocol({ topics }) {
      const userData = Buffer.from(JSON.stringify(own()));
      return { name: 'discern-sticky', metadata: MemberMetadata.encode({ version: 0, topics, userData }) };
    },
    assign({ members }) {
      const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
      const claims = members.map(({ memberId, memberMetadata }) => ({ memberId, ...claimIn(memberMetadata) }));
      return Promise.resolve(
        [...divide(partitions, claims)].map(([memberId, kept]) => ({
          memberId,
          memberAssignment: MemberAssignment.encode({
            version: 0,
            assignment: { [topic]: [...kept] },
            userData: Buffer.alloc(0),
          }),
        })),
      );
    },
  });
}

const NO_CLAIM: Omit<Claim, 'memberId'> = { partitions: [], since: 0 };

/** What another member claims; nothing where it says nothing that can be understood. */
function claimIn(memberMetadata: Buffer): Omit<Claim, 'memberId'> {
  const text = MemberMetadata.decode(memberMetadata)?.userData.toString() ?? '';
  if (text === '') return NO_CLAIM;
  let claim: unknown;
  try {
    claim = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return NO_CLAIM;
    throw error;
  }
  if (typeof claim !== 'object' || claim === null) return NO_CLAIM;
  const { partitions, since } = claim as { partitions?: unknown; since?: unknown };
  if (!Array.isArray(partitions) || typeof since !== 'number') return NO_CLAIM;
  return { partitions: partitions.filter((partition) => Number.isInteger(partition)) as number[], since };
}
