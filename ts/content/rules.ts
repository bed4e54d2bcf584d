// The codes of the content layer and the rules, C1 to C10, that they belong to; what they mean in words is in errors.ts,
// apart from here so that a browser need not load it.

import { ExedraError } from '../errors.ts';

/** Code -> rule, for the faults of a payload. */
export const rules = {
  wrongType: 'C1',
  wrongSize: 'C1',
  wrongLength: 'C1',
  trailingBytes: 'C1',
  notShortest: 'C2',
  indefiniteLength: 'C2',
  unsortedKeys: 'C2',
  duplicateKey: 'C2',
  bigIntFits: 'C2',
  invalidUtf8: 'C3',
  nanPayload: 'C3',
  keyNotAllowed: 'C3',
  tagContent: 'C3',
  simpleNotAllowed: 'C3',
  tooDeep: 'C4',
  tooMany: 'C5',
  tooLarge: 'C5',
  suspiciousExpiry: 'C6',
  unknownSemantics: 'C7',
  unknownCardinality: 'C7',
  unknownHash: 'C8',
  hashLength: 'C8',
  truncated: 'C9',
  malformed: 'C9',
  wrongPartIndex: 'C10',
  wrongSender: 'C10',
  wrongRoom: 'C10',
} as const;

/** An attachment's faults are of no numbered rule. */
type AttachmentFault =
  | 'wrongContent'
  | 'undecryptable'
  | 'unsupportedAlgorithm'
  | 'invalidAttachment'
  | 'attachmentTooLarge';
type CallersFault = 'unencodable' | 'invalidArgument';
export type ContentErrorCode = keyof typeof rules | AttachmentFault | CallersFault;

const isCallers = (code: ContentErrorCode): code is CallersFault =>
  code === 'unencodable' || code === 'invalidArgument';

/** Thrown by every function of the content layer. */
export class ContentError extends ExedraError {
  declare readonly code: ContentErrorCode;

  constructor(
    code: ContentErrorCode,
    message: string,
    options: ConstructorParameters<typeof ExedraError>[4] = {},
  ) {
    super('content', code, isCallers(code) ? 'caller' : 'payload', message, options);
    this.name = 'ContentError';
  }
}

/** A step of a path: a name, an index, or a key that says itself when it is asked. */
export type Step = string | number | { toString(): string };

/** Where a reader or writer is in a message: the steps above the item that it is at. */
export class Trail {
  readonly trail: Step[] = [];

  /** The path of an item, with the escapes of RFC 6901. */
  path(name: Step): string {
    let path = '';
    for (const step of [...this.trail, name]) {
      if (step !== '') path += `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    }
    return path;
  }
}
