// One error class per layer, each with stable codes; what every Exedra error carries.
// The tables of codes are the source of docs/errors.md.

/** Whose fault it is: the caller's, the payload's, a dependency's (store, network), or our own. */
export type ErrorKind = 'caller' | 'payload' | 'dependency' | 'bug';

/** What a code stands for, in the words of docs/errors.md. */
export interface ErrorCode {
  readonly kind: ErrorKind;
  /** What happened, one sentence. */
  readonly means: string;
  /** What the reader can do about it, one sentence. */
  readonly remedy: string;
}

/** A layer's table of codes: stable code -> meaning. */
export type ErrorTable = Readonly<Record<string, ErrorCode>>;

/** Where and why, for programs; never a secret. */
export interface ErrorDetails {
  /** Byte offset of the fault in the input, where a decoder reports one. */
  readonly offset?: number | undefined;
  /** Path to the faulty item, such as `/bundle/welcome`. */
  readonly path?: string | undefined;
  /** The rule that refused, for refusals. */
  readonly rule?: string | undefined;
  readonly [name: string]: unknown;
}

export interface ExedraErrorOptions {
  readonly cause?: unknown;
  readonly details?: ErrorDetails | undefined;
}

/**
 * The base of all errors that Exedra throws on purpose.
 * `code` is stable within `layer`; `message` may be reworded between releases.
 */
export class ExedraError extends Error {
  readonly layer: string;
  readonly code: string;
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(
    layer: string,
    code: string,
    kind: ErrorKind,
    message: string,
    options: ExedraErrorOptions = {},
  ) {
    super(message, options);
    this.name = 'ExedraError';
    this.layer = layer;
    this.code = code;
    this.kind = kind;
    this.details = options.details ?? {};
  }
}

/**
 * Builds the class of a layer's errors from its table, so that a code outside the table does not compile
 * and `kind` cannot disagree with the documentation.
 */
export function errorClass<const Table extends ErrorTable>(
  name: string,
  layer: string,
  table: Table,
): LayerErrorClass<Extract<keyof Table, string>> {
  return class extends ExedraError {
    declare readonly code: Extract<keyof Table, string>;
    constructor(
      code: Extract<keyof Table, string>,
      message?: string,
      options: ExedraErrorOptions = {},
    ) {
      const entry = table[code] as ErrorCode;
      super(layer, code, entry.kind, message ?? `${entry.means} ${entry.remedy}`, options);
      this.name = name;
    }
  };
}

export type LayerErrorClass<Code extends string> = new (
  code: Code,
  message?: string,
  options?: ExedraErrorOptions,
) => ExedraError & { readonly code: Code };
