/** The lines of a stream, without their LF or CRLF; an unterminated rest is a line too. One that is too long is not kept. */
export async function* splitLines(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<Uint8Array | 'too-long', void, undefined> {
  const line = new Line(maxLineBytes);
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      line.add(chunk.subarray(start, end));
      start = end + 1;
      yield line.take();
    }
    line.add(chunk.subarray(start));
  }
  if (!line.empty) yield line.take();
}

/** A line that grows in one buffer, however small its parts are. */
class Line {
  readonly #max: number;
  #buffer: Uint8Array = new Uint8Array(0);
  #size = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get empty(): boolean {
    return this.#size === 0;
  }

  add(part: Uint8Array): void {
    const size = this.#size + part.byteLength;
    if (size > this.#max) this.#buffer = new Uint8Array(0);
    else {
      if (size > this.#buffer.byteLength) {
        const larger = new Uint8Array(Math.min(this.#max, Math.max(size, this.#buffer.byteLength * 2)));
        larger.set(this.#buffer.subarray(0, this.#size));
        this.#buffer = larger;
      }
      this.#buffer.set(part, this.#size);
    }
    this.#size = size;
  }

  take(): Uint8Array | 'too-long' {
    const size = this.#size;
    this.#size = 0;
    if (size > this.#max) return 'too-long';
    const end = size > 0 && this.#buffer[size - 1] === CR ? size - 1 : size;
    return this.#buffer.slice(0, end);
  }
}

const LF = 0x0a;
const CR = 0x0d;
