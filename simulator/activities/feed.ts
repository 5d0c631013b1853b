// The live feed: everyday rows at a steady rate, dated by the console's clock. Some may be made to arrive late, that is
// with a createdAt older than rows that were readable before them.
import type { ConsoleState } from '../state.js';
import { Random } from '../world/random.js';

const TICK_MS = 50;

export interface FeedOptions {
  readonly rowsPerSecond: number;
  readonly lateShare: number;
  readonly lateByMs: number;
}

export class Feed {
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly state: ConsoleState) {}

  start(options: FeedOptions): void {
    this.stop();
    const { clock, log, rows } = this.state;
    const random = new Random(this.state.options.seed + 2);
    const startedAtMs = performance.now();
    let made = 0;
    this.timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedAtMs) / 1000) * options.rowsPerSecond);
      for (; made < due; made += 1) {
        const lateMicros = random.chance(options.lateShare) ? random.int(options.lateByMs * 1000) : 0;
        log.append([rows.next(clock.nowMicros() - lateMicros)]);
      }
    }, TICK_MS);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }
}
