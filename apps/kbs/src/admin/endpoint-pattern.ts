/** The longest URI that is held against a pattern. */
export const MAX_URI_CHARACTERS = 1024;

/**
 * Compile what a role may call. Every alternative is anchored at both ends, so that `^/kbs/a$|^/x$` does not let anything
 * past the first one. Repetition of what itself repeats or branches is refused, as matching it could take forever; so are
 * look-around and back references, which the original does not have either.
 *
 * @param text - begins with `^/kbs` and ends with `$`
 * @returns the expression, or why it is none
 */
export function endpointPattern(text: string): RegExp | string {
  if (!text.startsWith('^/kbs')) return 'expected a pattern that begins with ^/kbs';
  if (!text.endsWith('$')) return 'expected a pattern that ends with $';
  if (text.length > 1024) return 'expected at most 1024 characters';
  if (/\\[1-9k]/.test(text) || /\(\?(?!:)/.test(text)) return 'look-around and back references are not taken';
  try {
    const pattern = new RegExp(`^(?:${text.slice(1, -1)})$`, 'u');
    return repeatsRepetition(text) ? 'a group that repeats or branches inside cannot repeat itself' : pattern;
  } catch {
    return 'expected a regular expression';
  }
}

/** Whether a group that holds a repetition or an alternation is itself repeated. */
function repeatsRepetition(text: string): boolean {
  const groups: boolean[] = [];
  let inClass = false;
  let closed = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    const repeats = char === '*' || char === '+' || char === '{';
    if (closed && repeats) return true;
    closed = false;
    if (char === '\\') at += 1;
    else if (inClass) inClass = char !== ']';
    else if (char === '[') inClass = true;
    else if (char === '(') groups.push(false);
    else if (char === ')') {
      const inner = groups.pop() ?? false;
      closed = inner;
      if (inner) groups.splice(-1, 1, ...(groups.length > 0 ? [true] : []));
    } else if (repeats || char === '|') groups.splice(-1, 1, ...(groups.length > 0 ? [true] : []));
  }
  return false;
}
