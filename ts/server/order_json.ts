// Break-glass orders as JSON: what officers read, sign and send. What they sign are the bytes of the struct, not the text.
import { z } from 'zod';
import { asRoomUri, asUserUri, ORDER_NONCE_BYTES, type SignedOrder } from '../wire/index.ts';
import { ServerError } from './errors.ts';

const bytes = z
  .string()
  .regex(/^[A-Za-z0-9_-]*$/)
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64url')));

const schema = z.strictObject({
  provider: z.string().min(1).max(253),
  room: z.string().transform(asRoomUri),
  pseudonym: z.string().transform(asUserUri),
  reason: z.string(),
  notAfter: z.iso.datetime(),
  nonce: bytes.refine(({ length }) => length === ORDER_NONCE_BYTES),
  signatures: z.array(z.strictObject({ officer: z.string(), signature: bytes })),
});

/** The fields of a SignedOrder; bytes in base64url, the time as in RFC 3339. */
export type OrderJson = z.input<typeof schema>;

/** Reads an order. Throws ServerError `badRequest` with the path of the fault. */
export function readOrder(value: unknown): SignedOrder {
  const { data, error } = parse(value);
  if (data === undefined) {
    const path = error?.issues[0]?.path.join('.') ?? '';
    throw new ServerError('badRequest', `The order is not well-formed (${path || 'all of it'}).`, {
      details: { path },
    });
  }
  const { signatures, notAfter, ...rest } = data;
  return { order: { ...rest, notAfter: BigInt(Date.parse(notAfter)) }, signatures };
}

function parse(value: unknown) {
  try {
    return schema.safeParse(value);
  } catch {
    // A URI that is none.
    return { data: undefined, error: undefined };
  }
}

/** The order as officers keep it in a file. */
export function orderJson({ order, signatures }: SignedOrder): OrderJson {
  const { provider, room, pseudonym, reason, notAfter, nonce } = order;
  return {
    provider,
    room,
    pseudonym,
    reason,
    notAfter: new Date(Number(notAfter)).toISOString(),
    nonce: toBase64Url(nonce),
    signatures: signatures.map(({ officer, signature }) => ({
      officer,
      signature: toBase64Url(signature),
    })),
  };
}

const toBase64Url = (value: Uint8Array): string => Buffer.from(value).toString('base64url');
