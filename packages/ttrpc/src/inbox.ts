import type { Bytes } from '@sealwright/bytes';

/** Messages of one stream between the connection that receives them and the code that reads them, few at a time. */
export class Inbox {
  readonly #items: Bytes[] = [];
  #bytes = 0;
  #ended = false;
  #error: unknown;
  #wakeReader = (): void => undefined;
  #wakeWriter = (): void => undefined;

  get ended(): boolean {
    return this.#ended;
  }

  /** Add an item. Gives a promise where there is no room for another: it resolves when there is, or nobody wants one. */
  push(item: Bytes): Promise<void> | undefined {
    if (this.#ended) return undefined;
    this.#items.push(item);
    this.#bytes += item.byteLength;
    this.#wakeReader();
    if (!this.#full) return undefined;
    return new Promise((resolve) => (this.#wakeWriter = resolve));
  }

  /** No more items: what is here can still be read, then comes the end or the error. */
  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wakeReader();
    this.#wakeWriter();
  }

  /** No more items, and those that are here are forgotten. */
  stop(error?: unknown): void {
    this.#items.length = 0;
    this.#bytes = 0;
    this.end(error);
  }

  async *read(): AsyncGenerator<Bytes, void, undefined> {
    try {
      for (;;) {
        for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) {
          this.#bytes -= item.byteLength;
          if (!this.#full) this.#wakeWriter();
          yield item;
        }
        if (this.#error !== undefined) throw this.#error;
        if (this.#ended) return;
        await new Promise<void>((resolve) => (this.#wakeReader = resolve));
      }
    } finally {
      this.stop();
    }
  }

  get #full(): boolean {
    return this.#items.length >= MAX_ITEMS || this.#bytes >= MAX_BYTES;
  }
}

const MAX_ITEMS = 16;
const MAX_BYTES = 0x1_0000;
