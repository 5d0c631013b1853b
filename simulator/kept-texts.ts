// The texts of the history's oldest rows, rendered when the console starts and kept as bytes, so that serving them is a copy
// (a seventh of the cost of a page). For benchmarks, whose subject is the client: a real console works on another machine.
import type { ActivityLog } from './activity-log.js';
import type { RenderRow } from './render.js';
import type { World } from './world.js';

export class KeptTexts {
  private texts: readonly Buffer[] = [];
  private worldVersion = NaN;

  constructor(
    private readonly world: World,
    private readonly render: RenderRow,
  ) {}

  /** Renders ahead as many rows as fit into so many bytes. */
  keep(log: ActivityLog, maxBytes: number): void {
    const texts: Buffer[] = [];
    for (let slot = 0, bytes = 0; slot < log.size && bytes < maxBytes; slot += 1) {
      const text = Buffer.from(this.render(slot));
      texts.push(text);
      bytes += text.length;
    }
    this.texts = texts;
    this.worldVersion = this.world.version;
  }

  /** The row's text. What was kept counts for as long as nobody has changed the world that it speaks about. */
  textOf = (slot: number): string | Buffer => {
    const kept = this.worldVersion === this.world.version ? this.texts[slot] : undefined;
    return kept ?? this.render(slot);
  };
}
