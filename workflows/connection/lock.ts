// A mutex for workflow code: what is run through it happens one after the other, in the order of asking. A promise
// chain is deterministic, so the order is the same in a replay.
export class Lock {
  private tail: Promise<unknown> = Promise.resolve();

  /** Runs `work` after everything asked for before it has ended, well or badly, and settles as `work` does. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.tail.then(work);
    this.tail = turn.catch(() => undefined);
    return turn;
  }

  /** Settles when everything asked for so far has ended. */
  idle(): Promise<void> {
    return this.run(() => Promise.resolve());
  }
}
