// A process of the product that may be killed at any moment and is started again, as an operator's restart policy
// would. To the supervisor it is one part for the whole campaign, which ends when it is stopped, or cannot be started
// any more.
import { setTimeout as delay } from 'node:timers/promises';
import { describeExit, type Part, type PartExit } from '../../src/embedded/processes/part.js';
import { sendSignal } from '../../src/embedded/processes/process-control.js';

export interface Restartable extends Part {
  /** How often it has ended without being told to. */
  readonly endedByItself: number;
  /**
   * Ends it by a signal, as an accident would, once it is up. Resolves when it is gone; it stays away until `restart`.
   * One that has gone already stays so.
   */
  crash(signal: NodeJS.Signals): Promise<void>;
  /**
   * Ends it by a signal, does something while it is away, and starts it again; others' crashes and restarts wait.
   * Resolves when it is up.
   */
  whileAway(signal: NodeJS.Signals, work: () => Promise<void>): Promise<void>;
  /** Resolves when it is up again, whoever has started it. */
  restart(): Promise<void>;
}

export interface RestartableOptions {
  readonly name: string;
  /** Starts the process and resolves when it is ready; rejects when it did not get there. */
  readonly start: () => Promise<Part>;
  readonly onCrash?: () => void;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

const AGAIN_AFTER_MS = 500;
/** A process may need others that are away as well; not for longer than this. */
const START_TIMEOUT_MS = 180_000;

export async function restartable(options: RestartableOptions): Promise<Restartable> {
  const part = new RestartablePart(options);
  await part.restart();
  return part;
}

class RestartablePart implements Restartable {
  readonly exited: Promise<PartExit>;
  endedByItself = 0;
  stopRequested = false;
  private current: Part | undefined;
  private starting: Promise<void> = Promise.resolve();
  private isAway = true;
  private readonly end = Promise.withResolvers<PartExit>();

  constructor(private readonly options: RestartableOptions) {
    this.exited = this.end.promise;
  }

  get name(): string {
    return this.options.name;
  }

  get pid(): number {
    return this.current?.pid ?? 0;
  }

  async crash(signal: NodeJS.Signals): Promise<void> {
    await this.starting;
    await this.sendEnd(signal);
  }

  whileAway(signal: NodeJS.Signals, work: () => Promise<void>): Promise<void> {
    const before = this.starting;
    this.starting = (async () => {
      await before;
      await this.sendEnd(signal);
      try {
        await work();
      } finally {
        await this.start();
      }
    })();
    return this.starting;
  }

  restart(): Promise<void> {
    this.starting = this.starting.then(() => (this.isAway ? this.start() : undefined));
    return this.starting;
  }

  async stop(): Promise<void> {
    this.stopRequested = true;
    await this.starting.catch(() => undefined);
    await this.current?.stop();
    this.end.resolve({ code: 0, signal: null });
  }

  kill(): void {
    this.stopRequested = true;
    this.current?.kill();
  }

  private async sendEnd(signal: NodeJS.Signals): Promise<void> {
    const { current } = this;
    if (current === undefined || this.isAway) return; // its pid may mean another process by now
    this.isAway = true;
    this.options.onCrash?.();
    sendSignal(current.pid, signal);
    await current.exited;
  }

  private async start(): Promise<void> {
    const deadlineMs = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      if (this.stopRequested) return;
      try {
        this.current = await this.options.start();
        this.isAway = false;
        this.follow(this.current);
        return;
      } catch (error) {
        this.options.signal.throwIfAborted();
        this.options.log(`${this.name} did not start: ${error instanceof Error ? error.message : String(error)}`);
        if (Date.now() >= deadlineMs) {
          this.end.resolve({ code: 1, signal: null });
          throw error;
        }
      }
      await delay(AGAIN_AFTER_MS);
    }
  }

  private follow(part: Part): void {
    void part.exited.then((exit) => {
      if (part !== this.current || this.isAway || this.stopRequested) return;
      this.isAway = true;
      this.endedByItself += 1;
      this.options.log(`${this.name} ended by itself (${describeExit(exit)}) and is started again`);
      // What it throws is told by `exited`.
      this.restart().catch(() => undefined);
    });
  }
}
