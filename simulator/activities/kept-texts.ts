// For benchmarks, whose subject is the client: the texts of the history's oldest rows, rendered when the console
// starts. Serving such a row is a copy of bytes and spares its rendering, a seventh of the cost of a page. All texts
// lie in one buffer: with a buffer each, garbage collection was two thirds of the cost of serving them.
import type { World } from '../world/world.js';
import type { ActivityLog } from './activity-log.js';
import type { RenderRow } from './render.js';

export class KeptTexts {
  private bytes = Buffer.alloc(0);
  /** Where each text ends, which is where the next begins. */
  private ends = new Float64Array(0);
  private count = 0;
  private worldVersion = NaN;

  constructor(
    private readonly world: World,
    private readonly render: RenderRow,
  ) {}

  /** Renders the oldest rows, as many as fit into `maxBytes`. */
  keep(log: ActivityLog, maxBytes: number): void {
    if (maxBytes === 0) return;
    this.bytes = Buffer.allocUnsafe(maxBytes);
    this.ends = new Float64Array(log.size);
    let used = 0;
    for (this.count = 0; this.count < log.size; this.count += 1) {
      const text = Buffer.from(this.render(this.count));
      if (used + text.length > maxBytes) break;
      used += text.copy(this.bytes, used);
      this.ends[this.count] = used;
    }
    this.worldVersion = this.world.version;
  }

  /** The row's text: the kept one until somebody changes the world, since it may speak of what was changed. */
  textOf = (slot: number): string | Buffer => {
    if (slot >= this.count || this.worldVersion !== this.world.version) return this.render(slot);
    return this.bytes.subarray(slot === 0 ? 0 : this.ends[slot - 1], this.ends[slot]);
  };
}
