// A connection live. Whoever changes it says so through PostgreSQL, and it is looked at again; now and then also when
// nobody said anything, because a refused signal is written and not announced.
import type { ConnectionView } from '../../api/connections/connection.dto.js';
import { GONE } from '../../domain/connection/connection-state.js';
import { listenForChanges } from '../../store/change-channel.js';
import { EXIT, faultOf } from '../exit-code.js';
import { timeOfDay } from '../text/words.js';
import { findConnection, type FoundConnection } from './find.js';
import { changesBetween, concerns, type Look } from './follow-changes.js';
import type { Context, Program } from './program.js';

const LOOK_ANYWAY_MS = 5_000;
/** Of the timeline; nobody does more than that to a connection between two looks. */
const LATEST = 200;

export const connectionFollow: Program = async (context) => {
  const { tools, output } = context;
  const found = await findConnection(context);
  const stop = context.interrupted();
  const bell = createBell();
  const listening = listenForChanges(
    { listenOn: tools.owner },
    {
      onChanges: (changes) => {
        if (concerns(changes, found)) bell.ring();
      },
      onListening: () => bell.ring(),
      onLost: () => output.note('PostgreSQL does not answer; trying again'),
    },
  );
  stop.addEventListener('abort', () => bell.ring(), { once: true });
  try {
    await follow(context, found, { stop, bell });
  } finally {
    await listening.stop();
  }
};

async function follow(
  context: Context,
  found: FoundConnection,
  { stop, bell }: { readonly stop: AbortSignal; readonly bell: Bell },
): Promise<void> {
  const { output } = context;
  let before: { readonly connection: ConnectionView; readonly timelineId: number } | undefined;
  for (let withinMs = 0; !stop.aborted; withinMs = LOOK_ANYWAY_MS) {
    await bell.rung(withinMs);
    const look = stop.aborted ? null : await lookAt(context, found, before?.timelineId).catch(nullWhileAway);
    if (look === null) continue;
    const at = new Date().toISOString();
    for (const { type, value, text } of changesBetween(before?.connection, look)) {
      output.entry({ at, type, ...value }, () => `${timeOfDay(at)}  ${text}`);
    }
    before = { connection: look.connection, timelineId: look.timelineId };
    if (GONE.includes(look.connection.state)) return;
  }
}

/** The first look passes over what the timeline held before. */
async function lookAt(
  { tools }: Context,
  { scope, connectionId }: FoundConnection,
  after: number | undefined,
): Promise<Look & { readonly timelineId: number }> {
  const connection = await tools.connectionQueries.find(scope, connectionId);
  const { items } = await tools.connectionQueries.timeline(scope, connectionId, {
    limit: after === undefined ? 1 : LATEST,
  });
  const timeline = after === undefined ? [] : items.filter(({ id }) => Number(id) > after).reverse();
  return { connection, timeline, timelineId: Number(items[0]?.id ?? after ?? 0) };
}

function nullWhileAway(error: unknown): null {
  if (faultOf(error).exit === EXIT.unavailable) return null;
  throw error;
}

interface Bell {
  ring(): void;
  /** At once when it has rung since the last time, at the latest after so long. */
  rung(withinMs: number): Promise<void>;
}

function createBell(): Bell {
  let hasRung = false;
  let wake: () => void = () => undefined;
  return {
    ring() {
      hasRung = true;
      wake();
    },
    async rung(withinMs) {
      if (!hasRung) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, withinMs);
        wake = resolve;
        await promise;
        clearTimeout(timer);
      }
      hasRung = false;
    },
  };
}
