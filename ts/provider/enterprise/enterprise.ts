// The enterprise deployment: the provider knows whose a pseudonym is, tells officers under an order, and enforces bans on
// the person; each time the audit log says so. A consumer provider has none of it. docs/modes/deployments.md.

import type { RoomUri, UserUri } from '../../wire/index.ts';
import { decodePseudonymDeclaration } from '../../wire/index.ts';
import { decodeBody } from '../body.ts';
import type { Deployment } from '../deployment.ts';
import { ProviderError, type ProviderErrorCode } from '../errors.ts';
import type { ProviderEvent } from '../hub/context.ts';
import type { RoomCreation } from '../hub/create_room.ts';
import type { AuditHead } from '../records/audit_entry.ts';
import { type AuditLog, readAuditLog } from './audit.ts';
import { type BreakGlassConfig, breakGlass, type GlassBroken } from './break_glass.ts';
import type { EnterpriseContext } from './context.ts';
import { PersonBans } from './person_bans.ts';
import { PseudonymMap } from './pseudonym_map.ts';
import { creatorSeen } from './seen_pseudonyms.ts';

/** Operations in a room, which end for a user whom its hub has banned. */
const IN_ROOMS: ReadonlySet<string> = new Set([
  'update',
  'submitMessage',
  'groupInfo',
  'roomSlots',
  'reportAbuse',
]);

export interface EnterpriseOptions {
  readonly deployment: Deployment;
  readonly breakGlass: BreakGlassConfig | undefined;
  readonly report: (event: ProviderEvent) => void;
}

/** What an enterprise provider can do with its map; what needs one throws `wrongDeployment` at a consumer provider. */
export class Enterprise {
  readonly #context: EnterpriseContext;
  readonly #options: EnterpriseOptions;
  readonly #parts: { readonly map: PseudonymMap; readonly bans: PersonBans } | undefined;
  #refusedOrders = 0;

  private constructor(
    context: EnterpriseContext,
    options: EnterpriseOptions,
    bans: PersonBans | undefined,
  ) {
    this.#context = context;
    this.#options = options;
    this.#parts = bans && { map: new PseudonymMap(context), bans };
  }

  static async open(context: EnterpriseContext, options: EnterpriseOptions): Promise<Enterprise> {
    const maps = options.deployment === 'enterprise';
    const bans = maps ? await PersonBans.open(context.store, context) : undefined;
    return new Enterprise(context, options, bans);
  }

  /** The map, where this provider has one. */
  get map(): PseudonymMap | undefined {
    return this.#parts?.map;
  }

  /** A user's own device says by which pseudonym it enters a room. @throws as `PseudonymMap.declare`. */
  async declare(user: UserUri, room: RoomUri, body: Uint8Array): Promise<void> {
    const { map } = this.#required();
    await map.declare(user, room, decodeBody(decodePseudonymDeclaration, body));
  }

  /** Refuses, in a room, a device whose user the hub of a room has banned. @throws ProviderError `bannedHere`. */
  requireNotBanned(user: UserUri, operation: string, room: string): void {
    if (IN_ROOMS.has(operation)) this.#parts?.bans.requireNotBanned(user, room);
  }

  /** A device creates a room by a pseudonym that shows. @throws ProviderError `pseudonymReused`. */
  async noteCreator(user: UserUri, { uri, mode, part }: RoomCreation): Promise<void> {
    if (this.#parts === undefined || !mode.credentials.hidesIdentities) return;
    const pseudonym = creatorSeen(part);
    if (pseudonym !== undefined) await this.#parts.map.noteSeen(user, pseudonym, uri);
  }

  /**
   * Tells who is behind the one pseudonym that a SignedOrder names.
   * @throws ProviderError `wrongDeployment`, and as `breakGlass`.
   */
  breakGlass(signedOrder: Uint8Array): Promise<GlassBroken> {
    this.#required();
    const onForged = (code: ProviderErrorCode) => {
      this.#refusedOrders += 1;
      this.#options.report({ type: 'orderRefused', code });
    };
    return breakGlass(this.#context, this.#options.breakGlass, signedOrder, onForged);
  }

  /** How many orders this process has refused whose signatures are nobody's; the log has no entry of them. */
  get refusedOrders(): number {
    return this.#refusedOrders;
  }

  /** The audit log, in either deployment; with a head that was noted before, also whether the log still leads up to it. */
  auditLog(known?: AuditHead): Promise<AuditLog> {
    return readAuditLog(this.#context.store, known);
  }

  /**
   * Enforces a BanNotice on the person behind its pseudonym, or ends that, and gives the BanReceipt.
   * @throws ProviderError `wrongDeployment`, and as `PersonBans.enforce`.
   */
  enforceBan(notice: Uint8Array): Promise<Uint8Array> {
    return this.#required().bans.enforce(notice);
  }

  #required() {
    if (this.#parts === undefined) throw new ProviderError('wrongDeployment');
    return this.#parts;
  }
}
