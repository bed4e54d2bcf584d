// Break glass: officers of the provider, two at least, are told who is behind one pseudonym, and the audit log says so
// before they are. spec/privacy-modes.md, "Deployments"; docs/modes/deployments.md, "Break glass".

import { hash } from '../../mls/index.ts';
import { PrivacyError } from '../../privacy/index.ts';
import { checkOrderSignature } from '../../privacy/parts/statements.ts';
import {
  type BreakGlassOrder,
  decodeSignedOrder,
  domainOf,
  encodeBreakGlassOrder,
  type SignedOrder,
  type UserUri,
} from '../../wire/index.ts';
import { decodeBody } from '../body.ts';
import { ProviderError, type ProviderErrorCode } from '../errors.ts';
import type { AuditHead } from '../records/audit_entry.ts';
import type { OwnerRow } from '../records/enterprise_rows.ts';
import { enterpriseRows } from '../rows.ts';
import { auditRows, readAuditHead } from './audit.ts';
import type { EnterpriseContext } from './context.ts';
import { readOwner } from './pseudonym_map.ts';

/** Who may order that a pseudonym is opened, and how many of them it takes. */
export interface BreakGlassConfig {
  readonly officers: readonly Officer[];
  /** 2 at least. */
  readonly required: number;
}

export interface Officer {
  readonly name: string;
  /** Ed25519. */
  readonly publicKey: Uint8Array;
}

/** What officers are told. */
export interface GlassBroken {
  readonly user: UserUri;
  /** The log's entry that says so: to be noted, so that a log that was written anew shows. */
  readonly audit: AuditHead;
}

const DONE = new Uint8Array([1]);
/** Characters of a reason. */
const MAX_REASON = 1000;

/** Why an order is refused whose officers are known. */
interface Refused {
  readonly code: ProviderErrorCode;
  readonly rule?: string;
}

/** What the rows say of an order. */
interface Found {
  readonly head: AuditHead;
  readonly used: boolean;
  readonly owner: OwnerRow | undefined;
}

/**
 * Answers a signed order. Where its signatures hold, the log has an entry whatever comes of it; else `onForged` is told.
 * @throws ProviderError `badRequest`, `breakGlassOff`, `orderSignature`, `orderParties`, `wrongOrder`, `orderExpired`,
 * `orderUsed`, `unknownPseudonym`.
 */
export async function breakGlass(
  context: EnterpriseContext,
  config: BreakGlassConfig | undefined,
  bytes: Uint8Array,
  onForged: (code: ProviderErrorCode) => void,
): Promise<GlassBroken> {
  if (config === undefined) throw new ProviderError('breakGlassOff');
  const signed = decodeBody(decodeSignedOrder, bytes);
  const officers = signersOf(config, signed);
  if (officers === undefined || officers.size === 0) {
    const code = officers === undefined ? 'orderSignature' : 'orderParties';
    onForged(code);
    throw new ProviderError(code);
  }
  const { order } = signed;
  const reference = hash(1, encodeBreakGlassOrder(order));
  const usedKey = enterpriseRows.usedOrder(reference);
  let found: Found;
  const outcome = await context.directory.accounts.run<GlassBroken | Refused>({
    prepare: async (rows) => {
      found = {
        head: await readAuditHead(rows),
        used: (await rows.get(usedKey)) !== undefined,
        owner: await readOwner(rows, order.pseudonym),
      };
    },
    decide: ({ now }) => {
      const refused = refusalOf(context, config, officers, order, found, now);
      const { user } = found.owner ?? {};
      const entry = auditRows(found.head, now, {
        kind: 'breakGlass',
        by: [...officers].join(', '),
        why: order.reason,
        room: order.room,
        pseudonym: order.pseudonym,
        reference,
        outcome: refused?.code ?? 'done',
      });
      if (refused !== undefined || user === undefined) {
        return { answer: refused ?? { code: 'unknownPseudonym' as const }, rows: entry.rows };
      }
      const rows = [...entry.rows, { key: usedKey, value: DONE }];
      return { answer: { user, audit: entry.head }, rows };
    },
  });
  if ('user' in outcome) return outcome;
  const { code, rule } = outcome;
  throw new ProviderError(code, undefined, { details: { rule, required: config.required } });
}

/** The officers that have signed, each once; `undefined` where a signature is not an officer's over this order. */
function signersOf(
  { officers }: BreakGlassConfig,
  { order, signatures }: SignedOrder,
): Set<string> | undefined {
  const names = new Set<string>();
  for (const { officer: name, signature } of signatures) {
    const officer = officers.find((known) => known.name === name);
    if (officer === undefined) return undefined;
    try {
      checkOrderSignature(order, officer.publicKey, signature);
    } catch (error) {
      if (error instanceof PrivacyError && error.code === 'badSignature') return undefined;
      throw error;
    }
    names.add(name);
  }
  return names;
}

function refusalOf(
  { domain, limits }: EnterpriseContext,
  { required }: BreakGlassConfig,
  officers: ReadonlySet<string>,
  order: BreakGlassOrder,
  { used, owner }: Found,
  now: number,
): Refused | undefined {
  if (officers.size < required) return { code: 'orderParties' };
  if (order.notAfter < BigInt(now)) return { code: 'orderExpired' };
  if (order.notAfter > BigInt(now + limits.orderMs))
    return { code: 'wrongOrder', rule: 'notAfter' };
  if (order.provider !== domain) return { code: 'wrongOrder', rule: 'provider' };
  if (domainOf(order.pseudonym) !== domain) return { code: 'wrongOrder', rule: 'pseudonym' };
  if (order.reason.trim() === '' || order.reason.length > MAX_REASON) {
    return { code: 'wrongOrder', rule: 'reason' };
  }
  if (used) return { code: 'orderUsed' };
  if (owner === undefined) return { code: 'unknownPseudonym' };
  if (owner.room !== '' && owner.room !== order.room) return { code: 'wrongOrder', rule: 'room' };
  return undefined;
}
