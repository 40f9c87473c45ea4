/**
 * Whether a text has a match, without saying where: the sets of places that a pattern may be at are made once each, when they are first
 * reached.
 *
 * @module
 */
import { isWord } from './characters.js';
import type { Instruction } from './program.js';

/** The places that a pattern may be at after some text. */
interface State {
  readonly places: readonly number[];
  /** One of the characters that the last one is as good as; -1 before the first. */
  readonly before: number;
  /** What follows with a character; `true` when there is a match before it. */
  readonly next: Map<number, State | true>;
}

/** Answers whether texts have a match. */
export class Automaton {
  readonly #program: readonly Instruction[];
  readonly #states = new Map<string, State>();
  readonly #start: State = { places: [0], before: -1, next: new Map() };
  #size = 0;

  constructor(program: readonly Instruction[]) {
    this.#program = program;
  }

  /** Whether some part of a text matches. */
  test(text: string): boolean {
    let state = this.#start;
    for (let at = 0; at < text.length;) {
      const code = text.codePointAt(at) ?? 0;
      const next = state.next.get(code) ?? this.#after(state, code);
      if (next === true) return true;
      state = next;
      at += code > 0xffff ? 2 : 1;
    }
    const known = state.next.get(-1) ?? this.#after(state, -1);
    return known === true;
  }

  #after(state: State, code: number): State | true {
    this.#size += 1 + state.places.length / 8;
    if (this.#size > MAX_SIZE) {
      this.#size = 0;
      this.#states.clear();
      this.#start.next.clear();
    }
    const next = this.#stepped(state, code);
    state.next.set(code, next);
    return next;
  }

  #stepped({ places, before }: State, code: number): State | true {
    const seen = new Set<number>();
    const reached = new Set([0]); // a match may begin anywhere
    const stack = [...places];
    for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
      const instruction = this.#program[place];
      if (instruction === undefined || seen.has(place)) continue;
      seen.add(place);
      switch (instruction.op) {
        case 'match':
          return true;
        case 'jump':
          stack.push(instruction.to);
          break;
        case 'split':
          stack.push(instruction.first, instruction.second);
          break;
        case 'save':
          stack.push(place + 1);
          break;
        case 'assert':
          if (instruction.holds(before, code)) stack.push(place + 1);
          break;
        case 'test':
          if (code >= 0 && instruction.test(code)) reached.add(place + 1);
      }
    }
    const after = isWord(code) ? 0x61 : code === 0x0a ? code : 0x20;
    const next = [...reached].sort((a, b) => a - b);
    const key = `${after} ${next.join()}`;
    const made = this.#states.get(key) ?? { places: next, before: after, next: new Map() };
    this.#states.set(key, made);
    return made;
  }
}

/** Steps that are kept before all are forgotten. */
const MAX_SIZE = 20_000;
