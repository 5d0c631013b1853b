// Once a minute, in every api process: which connections have fallen behind. The database decides, and of several
// processes that ask at once one does it; what changed is told to open consoles as a worker would tell it. The pool's
// time-outs end a look at a database that hangs, and the next one comes a minute later.
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from '../../log.js';
import { announceChanges } from '../../store/change-channel.js';
import { reviewCollectionBehind } from '../../store/connections/behind.repository.js';
import type { Database } from '../../store/database.js';

export const BEHIND_WATCH = Symbol('behind watch');

const EVERY_MS = 60_000;
/** Several processes that were started together come to ask at different times. */
const JITTER = 0.2;

export interface BehindWatchOptions {
  readonly database: Database;
  readonly log: Pick<Logger, 'warn'>;
  /** Tests shorten it. */
  readonly everyMs?: number | undefined;
}

/** The first look comes after an interval: what was started together with the api has collected by then. */
export class BehindWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private hasFailed = false;
  private isStopped = false;

  constructor(private readonly options: BehindWatchOptions) {}

  onApplicationBootstrap(): void {
    this.lookLater();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  private lookLater(): void {
    const { everyMs = EVERY_MS } = this.options;
    if (this.isStopped) return;
    const waitMs = everyMs * (1 + JITTER * (Math.random() - 0.5));
    this.timer = setTimeout(() => {
      this.looking = this.look().finally(() => this.lookLater());
    }, waitMs).unref();
  }

  private async look(): Promise<void> {
    const { database, log } = this.options;
    try {
      for (const { accountId, noticeIds } of await reviewCollectionBehind(database)) {
        await announceChanges(database, { accountId, notices: noticeIds });
      }
      this.hasFailed = false;
    } catch {
      if (!this.hasFailed) log.warn({}, 'could not look which connections are behind; it is tried again every minute');
      this.hasFailed = true;
    }
  }
}
