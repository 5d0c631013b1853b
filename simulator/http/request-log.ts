// What clients asked for, so that a test can prove how the product behaves. Tokens are shown by their last four
// characters and bodies not at all.

export interface RequestEntry {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly status: number;
  readonly tokenLast4: string | null;
  readonly tookMs: number;
}

/** The oldest are forgotten beyond this; a day of a fast test run fits. */
const MAX_ENTRIES = 100_000;

export class RequestLog {
  private kept: RequestEntry[] = [];

  add(entry: RequestEntry): void {
    this.kept.push(entry);
    if (this.kept.length > MAX_ENTRIES * 1.1) this.kept = this.kept.slice(-MAX_ENTRIES);
  }

  entries = (pathPrefix = ''): readonly RequestEntry[] =>
    this.kept.filter((entry) => entry.path.startsWith(pathPrefix));

  clear(): void {
    this.kept = [];
  }
}
