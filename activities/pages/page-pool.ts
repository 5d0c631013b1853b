// Reads pages on threads of their own. Finding, parsing and preparing rows is two thirds of what collecting costs a
// worker; on the main thread it would bound the worker to one core, and keep heartbeats and PostgreSQL's answers
// waiting for a page's length.
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BodyMemory } from '../../src/sentinelone/http/body.js';
import { SentinelOneError } from '../../src/sentinelone/sentinelone-error.js';
import type { PreparedPage } from '../../src/store/ingest/page.js';
import { type OpenPage, type PageReader, readInPlace } from './open-page.js';
import { unpackPage } from './packed-page.js';
import { createPageMemory } from './page-memory.js';
import type { FromThread, ToThread } from './page-thread.js';

export interface PagePool extends PageReader {
  readonly memory: BodyMemory;
  close(): Promise<void>;
}

/** One core is the main thread's; more than four threads are more than it can feed. */
export const usualThreads = (): number => Math.min(Math.max(availableParallelism() - 1, 1), 4);

/**
 * A dozen rows are read sooner than they are handed to a thread and back; a poll that finds nothing brings 60 bytes.
 */
const SMALL_PAGE_BYTES = 16 * 1024;

export interface PagePoolOptions {
  readonly threads?: number;
  /**
   * Node's options for a thread; by default it has those of the process, some of which could not be given to a thread
   * alone.
   */
  readonly execArgv?: readonly string[];
  /** Up to here a page is read where it arrived. */
  readonly inPlaceBytes?: number;
}

/** Threads start with the first pages, and end with the process or by `close`. */
export function createPagePool(options: PagePoolOptions = {}): PagePool {
  const { threads: count = usualThreads(), execArgv, inPlaceBytes = SMALL_PAGE_BYTES } = options;
  const threads: PooledThread[] = [];
  const memory = createPageMemory();
  return {
    memory,
    async open(bytes) {
      if (bytes.length <= inPlaceBytes) return readInPlace.open(bytes);
      const alive = threads.filter((thread) => thread.isAlive);
      const idlest = alive.toSorted((a, b) => a.pages - b.pages)[0];
      if (idlest !== undefined && (idlest.pages === 0 || alive.length === count)) return idlest.open(bytes);
      const thread = new PooledThread(execArgv, memory);
      threads.splice(0, threads.length, ...alive, thread);
      return thread.open(bytes);
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.end()));
    },
  };
}

// Compiled or not, as this module is.
const THREAD = new URL(`./page-thread${extname(import.meta.url)}`, import.meta.url);

class PooledThread {
  isAlive = true;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, PromiseWithResolvers<FromThread>>();
  private readonly openPages = new Set<number>();
  private lastPage = 0;

  constructor(
    execArgv: readonly string[] | undefined,
    private readonly memory: BodyMemory,
  ) {
    this.worker = new Worker(THREAD, execArgv === undefined ? {} : { execArgv: [...execArgv] });
    this.worker.on('message', (message: FromThread) => this.settle(message));
    this.worker.on('error', (error) => this.fail(error));
    this.worker.on('exit', () => this.fail(new Error('the thread that reads pages ended')));
    this.worker.unref();
  }

  /** Opened and neither prepared nor closed. */
  get pages(): number {
    return this.openPages.size;
  }

  async open(bytes: Buffer): Promise<OpenPage> {
    const page = ++this.lastPage;
    this.openPages.add(page);
    const answer = await this.ask({ page, kind: 'open', bytes });
    if (answer.kind !== 'opened') throw new Error(`the thread that reads pages answered ${answer.kind}`);
    let isClosed = false;
    return {
      ...answer.outline,
      prepare: async (preparation) => this.prepared(await this.ask({ page, kind: 'prepare', preparation })),
      close: () => {
        if (isClosed) return;
        isClosed = true;
        this.closePage(page);
        this.memory.giveBack(bytes); // once: given back twice it would be two pages at the same time
      },
    };
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private prepared(answer: FromThread): PreparedPage {
    if (answer.kind !== 'prepared') throw new Error(`the thread that reads pages answered ${answer.kind}`);
    this.openPages.delete(answer.page);
    return unpackPage(answer.packed);
  }

  private closePage(page: number): void {
    if (!this.openPages.delete(page) || !this.isAlive) return;
    this.worker.postMessage({ page, kind: 'close' } satisfies ToThread);
  }

  private async ask(message: ToThread): Promise<FromThread> {
    if (!this.isAlive) throw new Error('the thread that reads pages ended');
    const answer = Promise.withResolvers<FromThread>();
    this.waiting.set(message.page, answer);
    this.worker.ref(); // whoever waits for an answer keeps the process alive, an idle thread does not
    this.worker.postMessage(message);
    return answer.promise;
  }

  private settle(message: FromThread): void {
    const answer = this.waiting.get(message.page);
    this.waiting.delete(message.page);
    if (this.waiting.size === 0) this.worker.unref();
    if (message.kind !== 'failed') answer?.resolve(message);
    else {
      this.openPages.delete(message.page);
      const { failure } = message;
      answer?.reject('code' in failure ? new SentinelOneError(failure) : new Error(failure.reason));
    }
  }

  private fail(error: unknown): void {
    this.isAlive = false;
    for (const answer of this.waiting.values()) answer.reject(error);
    this.waiting.clear();
    this.openPages.clear();
  }
}
