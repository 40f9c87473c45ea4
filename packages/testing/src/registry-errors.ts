/** An error as the distribution specification writes it. */
export function failure(status: number, code: string): Response {
  return Response.json({ errors: [{ code, message: code.toLowerCase().replaceAll('_', ' ') }] }, { status });
}
