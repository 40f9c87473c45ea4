/** What a page is built of; texts of others are only ever set as text. */

/**
 * Make an element.
 *
 * @param tag - its name
 * @param attributes - by name
 * @param children - elements, or text
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * A table with a row for each of them.
 *
 * @param head - names of columns
 * @param rows - cells
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly (Node | string)[])[],
): HTMLTableElement {
  const cells = (tag: 'th' | 'td', row: readonly (Node | string)[]): HTMLTableRowElement =>
    element('tr', {}, ...row.map((cell) => (isCell(cell) ? cell : element(tag, {}, cell))));
  return element('table', {}, cells('th', head), ...rows.map((row) => cells('td', row)));
}

function isCell(cell: Node | string): cell is HTMLTableCellElement {
  return cell instanceof HTMLTableCellElement;
}

/** A field that takes a file, by choosing or by dropping. */
export interface FileField {
  /** The label with the field. */
  readonly element: HTMLElement;
  /** The file; `undefined` before there is one. */
  file(): File | undefined;
}

/**
 * Make a field for a file. It takes what is dropped on it.
 *
 * @param label - what the file is
 * @param name - of the field
 * @param changed - called when there is another file
 */
export function fileField(label: string, name: string, changed: () => void): FileField {
  const input = element('input', { type: 'file', name });
  const made = element('label', {}, `${label} `, input);
  input.addEventListener('change', changed);
  made.addEventListener('dragover', (event) => {
    event.preventDefault();
    made.dataset['over'] = '';
  });
  made.addEventListener('dragleave', () => delete made.dataset['over']);
  made.addEventListener('drop', (event) => {
    event.preventDefault();
    delete made.dataset['over'];
    const files = event.dataTransfer?.files;
    if (files === undefined || files.length === 0) return;
    input.files = files;
    changed();
  });
  return { element: made, file: () => input.files?.[0] };
}

/**
 * Make a field for a line of text.
 *
 * @param label - what it is
 * @param name - of the field
 * @param changed - called when it says something else
 */
export function textField(
  label: string,
  name: string,
  changed: () => void,
): { readonly element: HTMLElement; text(): string } {
  const input = element('input', { name, spellcheck: 'false', autocomplete: 'off' });
  input.addEventListener('input', changed);
  return { element: element('label', {}, label, input), text: () => input.value.trim() };
}
