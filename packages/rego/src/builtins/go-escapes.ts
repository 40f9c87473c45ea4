/** JSON in which nothing ends an element of HTML or a line of a script, as the encoder of Go writes it. */
export function escapedAsGo(json: string): string {
  return json.replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
