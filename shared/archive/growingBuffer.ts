/** Bytes that are written one after the other, in memory that doubles when it is full. */
export interface GrowingBuffer {
  bytes: Buffer;
  view: DataView;
  /** Bytes written. */
  length: number;
}

const FIRST_BYTES = 16 * 1024;

/** An empty buffer. */
export function createGrowingBuffer(): GrowingBuffer {
  return allocate(FIRST_BYTES);
}

function allocate(capacity: number): GrowingBuffer {
  // Not from Node's shared pool: the view is over the whole memory.
  const bytes = Buffer.allocUnsafeSlow(capacity);
  return { bytes, view: new DataView(bytes.buffer), length: 0 };
}

/** Makes room for `more` bytes behind those written. */
export function reserve(buffer: GrowingBuffer, more: number): void {
  const needed = buffer.length + more;
  if (needed <= buffer.bytes.length) return;
  const larger = allocate(Math.max(needed, 2 * buffer.bytes.length));
  buffer.bytes.copy(larger.bytes, 0, 0, buffer.length);
  buffer.bytes = larger.bytes;
  buffer.view = larger.view;
}

/** Appends text as UTF-8. */
export function appendText(buffer: GrowingBuffer, text: string): void {
  // A UTF-16 unit takes at most 3 bytes of UTF-8.
  reserve(buffer, 3 * text.length);
  buffer.length += buffer.bytes.write(text, buffer.length);
}

/** Appends bytes. */
export function appendBytes(buffer: GrowingBuffer, bytes: Uint8Array): void {
  reserve(buffer, bytes.length);
  buffer.bytes.set(bytes, buffer.length);
  buffer.length += bytes.length;
}

/** The bytes written, not copied: valid until the next write. */
export const writtenBytes = (buffer: GrowingBuffer): Uint8Array =>
  buffer.bytes.subarray(0, buffer.length);
