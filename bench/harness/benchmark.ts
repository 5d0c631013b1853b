// What a benchmark is to `main.ts`, and the report that it returns.

export interface NumberOption {
  readonly unit: string;
  readonly default: number;
}

export interface ListOption {
  readonly unit: string;
  readonly default: readonly number[];
}

export interface Benchmark {
  readonly name: string;
  readonly summary: string;
  /** All options are numbers, or lists of whole numbers above 0 with commas between them. */
  readonly options: Readonly<Record<string, NumberOption>>;
  readonly lists?: Readonly<Record<string, ListOption>>;
  run(context: BenchmarkContext): Promise<Report>;
}

export interface BenchmarkContext {
  readonly options: Readonly<Record<string, number>>;
  readonly lists: Readonly<Record<string, readonly number[]>>;
  /** What is going on, for the person who waits; not part of the report. */
  readonly log: (line: string) => void;
}

export interface Figure {
  readonly name: string;
  /** Null where this system cannot tell. */
  readonly value: number | null;
  readonly unit: string;
  /** Every repetition, where the value is their median. */
  readonly of?: readonly number[];
}

export interface Report {
  /** What was run and how, in one or two sentences. */
  readonly about: string;
  readonly figures: readonly Figure[];
  readonly postgres?: string;
}
