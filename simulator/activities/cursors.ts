// Cursors: opaque to the client, base64 like the console's own (so it may hold `+`, `/` and `=` and must be encoded). A
// cursor says where the last page ended and nothing about filters, so they have to be sent again with it. How long a
// real cursor lives is not public; here they live until a test expires them.
import { badRequest } from '../http/reply.js';

export class Cursors {
  private generation = 0;
  /** How many requests came with a cursor that had died. */
  refused = 0;

  /** Every cursor handed out so far becomes a 400. */
  expireAll(): void {
    this.generation += 1;
  }

  write = (list: string, place: string | number): string =>
    Buffer.from(`${list}_${this.generation}_~?>${place}`).toString('base64');

  read(list: string, cursor: string): string {
    const text = Buffer.from(cursor, 'base64').toString();
    const start = `${list}_${this.generation}_~?>`;
    if (!text.startsWith(start)) {
      this.refused += 1;
      throw badRequest('cursor: Invalid cursor.');
    }
    return text.slice(start.length);
  }
}
