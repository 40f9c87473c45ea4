import { styleText } from 'node:util';

/** A fact that proves a step: a name and what was seen. */
export type Fact = readonly [name: string, value: string];

/** What a step found out. */
export interface Told {
  /** What happened, in one plain sentence. */
  readonly happened: string;
  readonly facts: readonly Fact[];
}

/** One step, as data. */
export interface StepRecord extends Told {
  readonly step: string;
  readonly milliseconds: number;
}

/** Tells a person what happens, as it happens. */
export interface Narrator {
  /**
   * Do a step, and tell it.
   *
   * @param title - what will happen
   * @param work - does it, and gives what was found out
   */
  step(title: string, work: () => Promise<Told>): Promise<void>;
  /** Some lines as they are. */
  text(lines: readonly string[]): void;
  /** Everything that was told. */
  readonly steps: readonly StepRecord[];
}

/**
 * Make a narrator.
 *
 * @param write - takes the text; nothing is written without it
 * @param colour - whether the text is for a terminal
 */
export function createNarrator(write: ((text: string) => void) | undefined, colour: boolean): Narrator {
  const steps: StepRecord[] = [];
  const style = (format: 'bold' | 'dim' | 'green', text: string): string =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  return {
    steps,
    text: (lines) => write?.(`${lines.join('\n')}\n`),
    step: async (title, work) => {
      const started = performance.now();
      write?.(`\n${style('bold', `${steps.length + 1}. ${title}`)}\n`);
      const told = await work();
      const milliseconds = Math.round(performance.now() - started);
      steps.push({ step: title, ...told, milliseconds });
      write?.(`   ${style('green', '✓')} ${told.happened} ${style('dim', `(${milliseconds} ms)`)}\n`);
      const width = Math.max(0, ...told.facts.map(([name]) => name.length));
      for (const [name, value] of told.facts) write?.(`     ${style('dim', name.padEnd(width))}  ${value}\n`);
    },
  };
}
