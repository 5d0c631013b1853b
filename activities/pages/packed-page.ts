// A prepared page as it goes from one thread to another: a column for each property, because a thousand objects cost
// several times as much to copy. The page's own bytes are shared, and what was encoded is moved.
import type { PlainBytes } from '../../src/domain/collecting/activity.js';
import type { PreparedPage } from '../../src/store/ingest/page.js';
import type { PreparedActivity } from '../../src/store/ingest/prepare-activity.js';

/** Where each row's part of some bytes begins and ends. */
interface Parts {
  readonly bytes: Uint8Array;
  readonly from: Uint32Array<ArrayBuffer>;
  readonly to: Uint32Array<ArrayBuffer>;
}

export interface PackedPage extends Pick<PreparedPage, 'rejects' | 'newestKnown'> {
  readonly ids: readonly string[];
  readonly createdAt: readonly string[];
  readonly createdAtMicros: Float64Array<ArrayBuffer>;
  readonly siteIds: readonly (string | null)[];
  readonly siteNames: readonly (string | null)[];
  readonly agentIds: readonly (string | null)[];
  readonly fields: Parts | null;
  /** Of the rows whose text is part of the page's bytes. */
  readonly plain: Parts | null;
  /** Of the others, null for those. */
  readonly texts: readonly (string | null)[];
}

export function packPage({ activities, rejects, newestKnown }: PreparedPage): PackedPage {
  return {
    rejects,
    newestKnown,
    ids: activities.map(({ id }) => id),
    createdAt: activities.map(({ createdAt }) => createdAt),
    createdAtMicros: Float64Array.from(activities, ({ createdAtMicros }) => createdAtMicros),
    siteIds: activities.map(({ siteId }) => siteId),
    siteNames: activities.map(({ siteName }) => siteName),
    agentIds: activities.map(({ agentId }) => agentId),
    fields: partsOf(activities.map(({ fields }) => fields)),
    plain: partsOf(activities.map(({ text }) => (typeof text === 'string' ? null : text))),
    texts: activities.map(({ text }) => (typeof text === 'string' ? text : null)),
  };
}

/** What is moved; whoever packed the page has it no longer. */
export const movedBytes = ({ fields }: PackedPage): ArrayBuffer[] =>
  fields === null ? [] : [fields.bytes.buffer as ArrayBuffer];

export function unpackPage(page: PackedPage): PreparedPage {
  const fieldsOf = partAt(page.fields);
  const plainOf = partAt(page.plain);
  const activities = page.ids.map((id, row): PreparedActivity => ({
    id,
    createdAt: page.createdAt[row]!,
    createdAtMicros: page.createdAtMicros[row]!,
    siteId: page.siteIds[row]!,
    siteName: page.siteNames[row]!,
    agentId: page.agentIds[row]!,
    fields: fieldsOf(row),
    text: page.texts[row] ?? plainOf(row),
  }));
  return { activities, rejects: page.rejects, newestKnown: page.newestKnown };
}

/** All parts lie in the bytes of the last one: those that were written later begin with what was written before. */
function partsOf(parts: readonly (PlainBytes | null)[]): Parts | null {
  const bytes = parts.findLast((part) => part !== null)?.bytes;
  if (bytes === undefined) return null;
  return {
    bytes,
    from: Uint32Array.from(parts, (part) => part?.from ?? 0),
    to: Uint32Array.from(parts, (part) => part?.to ?? 0),
  };
}

function partAt(parts: Parts | null): (row: number) => PlainBytes {
  if (parts === null) return () => NOTHING;
  const { buffer, byteOffset, length } = parts.bytes;
  const bytes = Buffer.from(buffer, byteOffset, length);
  return (row) => ({ bytes, from: parts.from[row]!, to: parts.to[row]! });
}

const NOTHING: PlainBytes = { bytes: Buffer.alloc(0), from: 0, to: 0 };
