/**
 * What writes to standard output: the file descriptor itself as long as it takes everything, since to make a stream of it takes a
 * tenth of a start; from then on the stream, which can wait for whoever reads.
 *
 * @param write - to the descriptor: gives how many bytes it took, throws `EAGAIN` when it takes none now
 * @param stream - of the same
 * @param failed - is told of any other fault
 */
export function standardOutput(
  write: (bytes: Uint8Array) => number,
  stream: () => { write(bytes: Uint8Array): unknown },
  failed: (error: NodeJS.ErrnoException) => void,
): (bytes: Uint8Array) => void {
  let isStream = false;
  return (bytes) => {
    let rest = bytes;
    while (!isStream && rest.byteLength > 0) {
      try {
        rest = rest.subarray(write(rest));
      } catch (error) {
        const fault = error as NodeJS.ErrnoException; // what the file system throws
        if (fault.code !== 'EAGAIN') return failed(fault);
        isStream = true;
      }
    }
    if (rest.byteLength > 0) stream().write(rest);
  };
}
