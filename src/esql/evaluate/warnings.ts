// What a search tells beside its result: values that could not be worked out and became null.
import type { Fail } from '../functions/definition.js';
import type { Origin } from '../plan/expression.js';

/** As Elasticsearch: so many failures of one expression, and not more. */
const MOST = 20;

export class Warnings {
  private readonly texts = new Set<string>();

  /** For one expression; cheap once it has failed often enough. */
  of({ line, column, text }: Origin): Fail {
    let failures = 0;
    return ({ exception, message }) => {
      failures += 1;
      if (failures > MOST) return;
      const place = `Line ${line}:${column}:`;
      this.texts.add(
        `${place} evaluation of [${text}] failed, treating result as null. Only first ${MOST} failures recorded.`,
      );
      this.texts.add(`${place} ${exception}: ${message}`);
    };
  }

  /** Each once, in the order in which they came. */
  get all(): readonly string[] {
    return [...this.texts];
  }
}
