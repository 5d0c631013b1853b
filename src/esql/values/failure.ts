// A value that could not be worked out. The evaluator makes null of it and writes a warning; it goes no farther.
export class Failure extends Error {
  constructor(
    /** As Elasticsearch names it, so that its warnings read the same. */
    readonly exception: string,
    message: string,
  ) {
    super(message);
  }
}

export const illegalArgument = (message: string): Failure => new Failure('java.lang.IllegalArgumentException', message);
