// Archives are written here by hand, byte by byte, so that the reader is not tested against itself.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { beforeEach, expect, test } from 'vitest';
import { extractEntry } from '../../../src/embedded/temporal/unzip.js';

interface Content {
  readonly name: string;
  readonly data: Buffer;
  readonly method: number;
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unzip-test-'));
  return () => rm(folder, { recursive: true });
});

const big = Buffer.from('a line that repeats\n'.repeat(20_000));
const contents: readonly Content[] = [
  { name: 'stored.txt', data: Buffer.from('as it is'), method: 0 },
  { name: 'deep/packed.txt', data: big, method: 8 },
  { name: 'empty', data: Buffer.alloc(0), method: 8 },
  { name: 'odd', data: Buffer.from('?'), method: 12 },
];

test.each(contents.slice(0, 3))('$name comes out as it went in', async ({ name, data }) => {
  const target = join(folder, 'out');
  await extractEntry({ archive: await archive(zip(contents)), entry: name, target });
  expect((await readFile(target)).equals(data)).toBe(true);
});

test('a comment after the archive is passed over', async () => {
  const target = join(folder, 'out');
  await extractEntry({ archive: await archive(zip(contents, 'a comment')), entry: 'stored.txt', target });
  expect(await readFile(target, 'utf8')).toBe('as it is');
});

test.each([
  ['a missing entry', zip(contents), 'nowhere', 'has no nowhere'],
  ['another way of packing', zip(contents), 'odd', 'method 12'],
  ['something that is no archive', Buffer.from('<html>not found</html>'), 'odd', 'not a zip archive'],
  ['an empty file', Buffer.alloc(0), 'odd', 'not a zip archive'],
])('%s is refused', async (_, bytes, entry, reason) => {
  const extracting = extractEntry({ archive: await archive(bytes), entry, target: join(folder, 'out') });
  await expect(extracting).rejects.toThrow(reason);
});

async function archive(bytes: Buffer): Promise<string> {
  const path = join(folder, 'archive.zip');
  await writeFile(path, bytes);
  return path;
}

function zip(entries: readonly Content[], comment = ''): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, method } of entries) {
    const packed = method === 8 ? deflateRawSync(data) : data;
    const sizes = { crc: crc32(data), packedBytes: packed.length, bytes: data.length };
    const extra = Buffer.from('extra'); // only in the local header, as some packers do
    const local = Buffer.concat([
      numbers(
        [4, 0x04034b50],
        [2, 20],
        [2, 0],
        [2, method],
        [4, 0],
        [4, sizes.crc],
        [4, sizes.packedBytes],
        [4, sizes.bytes],
      ),
      numbers([2, name.length], [2, extra.length]),
      Buffer.from(name),
      extra,
      packed,
    ]);
    directory.push(
      numbers([4, 0x02014b50], [2, 20], [2, 20], [2, 0], [2, method], [4, 0], [4, sizes.crc], [4, sizes.packedBytes]),
      numbers([4, sizes.bytes], [2, name.length], [2, 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]),
      Buffer.from(name),
    );
    locals.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = numbers(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, entries.length],
    [2, entries.length],
    [4, listed.length],
    [4, offset],
  );
  return Buffer.concat([...locals, listed, end, numbers([2, comment.length]), Buffer.from(comment)]);
}

function numbers(...fields: readonly (readonly [bytes: number, value: number])[]): Buffer {
  return Buffer.concat(
    fields.map(([bytes, value]) => {
      const field = Buffer.alloc(bytes);
      field.writeUIntLE(value, 0, bytes);
      return field;
    }),
  );
}
