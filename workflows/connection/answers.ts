// The answers already given to updates, carried through continue-as-new: the server's own deduplication of update ids
// ends with the run, so a client that repeats a request in the next run would otherwise have it done twice.
import { failureOf, refusal } from './failure.js';

export interface Answer {
  readonly updateId: string;
  readonly result?: unknown;
  /** Instead of a result, when the command was refused. */
  readonly code?: string;
}

/** Far more than arrive within the time in which a client repeats a request, and about 40 KB of payload. */
const KEPT = 200;

export class Answers {
  private given: readonly Answer[];

  constructor(carried: readonly Answer[]) {
    this.given = carried;
  }

  has(updateId: string): boolean {
    return this.find(updateId) !== undefined;
  }

  /** The answer given before, or the one that `work` gives now. Fails with ApplicationFailure only. */
  async once<T>(updateId: string, work: () => Promise<T>): Promise<T> {
    const answer = this.find(updateId) ?? this.keep(await answerOf(updateId, work));
    if (answer.code !== undefined) throw refusal(answer.code);
    return answer.result as T;
  }

  toJSON(): readonly Answer[] {
    return this.given;
  }

  private find(updateId: string): Answer | undefined {
    return this.given.find((answer) => answer.updateId === updateId);
  }

  private keep(answer: Answer): Answer {
    this.given = [...this.given, answer].slice(-KEPT);
    return answer;
  }
}

async function answerOf<T>(updateId: string, work: () => Promise<T>): Promise<Answer> {
  try {
    return { updateId, result: await work() };
  } catch (error) {
    return { updateId, code: failureOf(error).code };
  }
}
