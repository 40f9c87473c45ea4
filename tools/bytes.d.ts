declare module '*?bytes' {
  const content: Uint8Array;
  export default content;
}
