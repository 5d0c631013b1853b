// A new API token. It is read from a file, from standard input or at the terminal, never from the arguments, and handed
// over by signal, so that it can be left for a worker that is away.
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { OfferOutcome, TokenOffer } from '../../api/connections/token.service.js';
import { EXIT, type ExitCode, faultOf, UsageError } from '../exit-code.js';
import { instant, shortId } from '../text/words.js';
import { findConnection, type FoundConnection } from './find.js';
import { type Context, doer, flag, type Program, text } from './program.js';

const DEFAULT_TIMEOUT_SECONDS = 300;
const LOOK_EVERY_MS = 500;

export const connectionToken: Program = async (context) => {
  const { given, tools, output } = context;
  const found = await findConnection(context);
  const token = await askToken(context);
  const tokens = tools.tokens();
  const offer = await tokens.offer(doer(context, found.accountId), found.connectionId, token);
  const handed = { connectionId: found.connectionId, lastFour: offer.lastFour };
  if (!flag(given, 'wait')) {
    output.result({ ...handed, outcome: 'waiting' }, () => handedText(found, offer));
    return EXIT.done;
  }
  output.note('The token is stored and the workflow was told; waiting for it to be tried.');
  const outcome = await waitFor(context, () => tokens.outcome(found.scope, offer));
  if (outcome.kind === 'refused') throw outcome.problem;
  output.result(
    { ...handed, outcome: outcome.kind, ...('expiresAt' in outcome ? { expiresAt: outcome.expiresAt } : {}) },
    () => (outcome.kind === 'accepted' ? acceptedText(outcome.expiresAt) : stillWaitingText(found)),
  );
  return exitOf(outcome);
};

async function askToken({ given, input }: Context): Promise<string> {
  const path = text(given, 'token-file');
  const asked = path === undefined || path === '-' ? input.askHidden('API token (not shown): ') : undefined;
  if (asked !== undefined) return asked;
  if (path === undefined)
    throw new UsageError('say where the token is: --token-file FILE, or --token-file - for standard input');
  if (path === '-') return input.readAll();
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`the file that --token-file names cannot be read (${error.code})`);
  });
}

/** Until it is decided, the time is over, or somebody does not want to wait any more. */
async function waitFor(context: Context, look: () => Promise<OfferOutcome>): Promise<OfferOutcome> {
  const { given } = context;
  const seconds = Number(text(given, 'timeout') ?? DEFAULT_TIMEOUT_SECONDS);
  const over = AbortSignal.any([context.interrupted(), AbortSignal.timeout(seconds * 1000)]);
  for (;;) {
    const outcome = await look().catch(waitingWhileAway);
    if (outcome.kind !== 'waiting' || over.aborted) return outcome;
    await delay(LOOK_EVERY_MS, undefined, { signal: over }).catch(() => undefined);
  }
}

/** PostgreSQL that is away for a moment says nothing about the token. */
function waitingWhileAway(error: unknown): OfferOutcome {
  if (faultOf(error).exit === EXIT.unavailable) return { kind: 'waiting' };
  throw error;
}

const exitOf = ({ kind }: OfferOutcome): ExitCode => (kind === 'accepted' ? EXIT.done : EXIT.unavailable);

const handedText = ({ connectionId }: FoundConnection, { lastFour }: TokenOffer): string =>
  [
    `The token that ends in ${lastFour} is stored and the workflow was told. The old one stays until it is accepted.`,
    'While no worker is up it waits; one that comes within the hour tries it.',
    `What became of it: connection show ${shortId(connectionId)}, or --wait the next time.`,
  ].join('\n');

const acceptedText = (expiresAt: string | null): string =>
  `The new token was accepted; ${expiresAt === null ? 'SentinelOne does not say when it expires' : `it expires ${instant(expiresAt)}`}.`;

const stillWaitingText = ({ connectionId }: FoundConnection): string =>
  [
    'No worker has tried the token yet. It stays stored: one that comes within the hour tries it.',
    `What became of it: connection show ${shortId(connectionId)}`,
  ].join('\n');
