// The operator's endpoints for what an enterprise provider knows of people: break glass, the audit log, bans of persons
// and the ledger of them. docs/modes/deployments.md.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AuditEntry, AuditHead, LedgerRow } from '../../provider/index.ts';
import { asUserUri, encodeSignedOrder, type RoomUri } from '../../wire/index.ts';
import { isUri } from '../auth/identity.ts';
import { ServerError } from '../errors.ts';
import { readOrder } from '../order_json.ts';
import type { HttpContext } from './context.ts';
import { pathId } from './path_id.ts';

/** Largest JSON body, in bytes: an order with its reason, or a notice, receipt or complaint in base64url. */
const MAX_JSON_BYTES = 16_384;

const struct = z.strictObject({
  bytes: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .transform((text) => new Uint8Array(Buffer.from(text, 'base64url'))),
});
const pseudonymOf = z.strictObject({ pseudonym: z.string().refine((text) => isUri(text, 'user')) });
const escrowQuestion = pseudonymOf.extend({
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(1000),
});
const ESCROW_FORM = '{"pseudonym", "by", "reason"} with a user URI';
const knownHead = z.strictObject({
  seq: z.coerce.number().int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * `POST /admin/v1/break-glass` an order (ts/server/order_json.ts) -> {"user", "audit": {seq, hash}},
 * `GET /admin/v1/audit[?seq&hash]` -> {"entries", "head", "brokenAt"}, checked against a head that was noted before;
 * `POST /admin/v1/rooms/{room}/ban-notices` {"pseudonym"} -> {"bytes"}, of a hub;
 * `POST /admin/v1/ban-notices` {"bytes"} -> {"bytes"}, the receipt of the provider of the pseudonym;
 * `POST /admin/v1/ban-receipts`, `POST /admin/v1/ban-complaints` {"bytes"} -> the entry of the hub's ledger;
 * `GET /admin/v1/bans` -> {"entries"} of that ledger;
 * `POST /admin/v1/rooms/{room}/escrow-cases` {"pseudonym", "by", "reason"} -> {"bytes"}, for the escrow parties of the room.
 */
export function operatorRoutes(app: FastifyInstance, context: HttpContext): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  const options = { parseAs: 'string', bodyLimit: MAX_JSON_BYTES } as const;
  app.addContentTypeParser('application/json', options, parseJson);
  app.addHook('onRequest', async (request) => {
    context.checkAdmin(request.headers.authorization);
  });
  const { provider } = context;
  const { enterprise, bans } = provider;
  const limited = { bodyLimit: MAX_JSON_BYTES };
  app.post('/admin/v1/break-glass', limited, async (request) => {
    const order = encodeSignedOrder(readOrder(request.body));
    const { user, audit } = await enterprise.breakGlass(order);
    return { user, audit: headJson(audit) };
  });
  app.get('/admin/v1/audit', async (request) => {
    const log = await enterprise.auditLog(requestedHead(request.query));
    return {
      entries: log.entries.map(entryJson),
      head: headJson(log.head),
      brokenAt: log.brokenAt,
    };
  });
  app.post('/admin/v1/rooms/:id/ban-notices', limited, async (request) => {
    const room = pathId(request, 'room') as RoomUri;
    const { pseudonym } = read(pseudonymOf, request.body, '{"pseudonym"} with a user URI');
    return { bytes: toBase64Url(await bans.notice(room, asUserUri(pseudonym))) };
  });
  app.post('/admin/v1/rooms/:id/escrow-cases', limited, async (request) => {
    const room = pathId(request, 'room') as RoomUri;
    const { pseudonym, ...asked } = read(escrowQuestion, request.body, ESCROW_FORM);
    return { bytes: toBase64Url(await provider.escrowCase(room, asUserUri(pseudonym), asked)) };
  });
  app.post('/admin/v1/ban-notices', limited, async (request) => ({
    bytes: toBase64Url(await enterprise.enforceBan(bytesOf(request.body))),
  }));
  app.post('/admin/v1/ban-receipts', limited, async (request) =>
    ledgerJson(await bans.receive(bytesOf(request.body))),
  );
  app.post('/admin/v1/ban-complaints', limited, async (request) =>
    ledgerJson(await bans.complain(bytesOf(request.body))),
  );
  app.get('/admin/v1/bans', async () => ({ entries: (await bans.entries()).map(ledgerJson) }));
}

const toBase64Url = (value: Uint8Array): string => Buffer.from(value).toString('base64url');
const toHex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const headJson = ({ seq, hash }: AuditHead) => ({ seq, hash: toHex(hash) });

const entryJson = ({ reference, previous, at, ...entry }: AuditEntry) => ({
  ...entry,
  at: new Date(at).toISOString(),
  reference: toHex(reference),
  previous: toHex(previous),
});

const ledgerJson = ({ room, pseudonym, banned, state, complaints, ...row }: LedgerRow) => ({
  room,
  pseudonym,
  banned,
  state,
  complaints,
  noticeAt: new Date(Number(row.noticeAt)).toISOString(),
  receiptAt: row.receiptAt === 0n ? undefined : new Date(Number(row.receiptAt)).toISOString(),
});

const bytesOf = (body: unknown): Uint8Array => read(struct, body, '{"bytes"} in base64url').bytes;

function requestedHead(query: unknown): AuditHead | undefined {
  if (typeof query !== 'object' || query === null || Object.keys(query).length === 0) {
    return undefined;
  }
  const { seq, hash } = read(knownHead, query, '?seq=<number>&hash=<64 hexadecimal digits>');
  return { seq, hash: new Uint8Array(Buffer.from(hash, 'hex')) };
}

function read<Value>(schema: z.ZodType<Value>, given: unknown, form: string): Value {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ServerError('badRequest', `The request must have the form ${form}.`);
}
