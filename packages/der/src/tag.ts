/** Identifier octets of the types used here (X.690 section 8.1.2), constructed bit included. */
export const DerTag = {
  /** BOOLEAN. */
  boolean: 0x01,
  /** INTEGER. */
  integer: 0x02,
  /** BIT STRING. */
  bitString: 0x03,
  /** OCTET STRING. */
  octetString: 0x04,
  /** NULL. */
  null: 0x05,
  /** OBJECT IDENTIFIER. */
  oid: 0x06,
  /** SEQUENCE and SEQUENCE OF. */
  sequence: 0x30,
  /** SET and SET OF. */
  set: 0x31,
  /** Constructed context-specific `[0]`. */
  context0: 0xa0,
  /** Constructed context-specific `[1]`. */
  context1: 0xa1,
} as const;
