// What a hub gives the escrow parties of a room of one leaf, with an entry in the audit log before it does.
// docs/modes/deployments.md, "Escrow".

import { hash } from '../../mls/index.ts';
import {
  type ClientUri,
  encodeEscrowCase,
  escrowSlotName,
  type RoomUri,
  type UserUri,
} from '../../wire/index.ts';
import { auditRows, readAuditHead } from '../enterprise/audit.ts';
import { ProviderError } from '../errors.ts';
import type { AuditHead } from '../records/audit_entry.ts';
import { decodeSlotRow } from '../records/room_rows.ts';
import { roomRows } from '../rows.ts';
import type { HubContext } from './context.ts';

/** Who asks for a case, and why. */
export interface EscrowQuestion {
  readonly by: string;
  readonly reason: string;
}

/**
 * The EscrowCase of the first leaf of a user of the room.
 * @throws ProviderError `unknownRoom`, `unknownPseudonym` where no such user with an escrow is in the room.
 */
export async function escrowCase(
  context: HubContext,
  room: RoomUri,
  pseudonym: UserUri,
  { by, reason }: EscrowQuestion,
): Promise<Uint8Array> {
  let found: Uint8Array | undefined;
  await context.directory.shardOf(room).run({
    owner: room,
    prepare: async (rows) => {
      const { sight, view, mode } = await context.directory.hubRoom(room);
      if (sight.kind !== 'followed' || view === undefined || !mode.credentials.hidesIdentities)
        return;
      const leaf = sight.group
        .members()
        .find(({ leafIndex }) => view.roster.get(leafIndex)?.user === pseudonym);
      const entry = leaf && view.roster.get(leaf.leafIndex);
      if (leaf === undefined || entry === undefined) return;
      const client = entry.client as ClientUri;
      const name = escrowSlotName(client);
      const slot = await rows.get(roomRows.slot(room, { lifetime: 'client', name }, 0n));
      if (slot === undefined) return;
      found = encodeEscrowCase({
        room,
        pseudonym,
        client,
        reason,
        suite: sight.group.suite,
        credential: leaf.credential.bytes,
        signatureKey: leaf.signatureKey,
        versions: decodeSlotRow(slot).versions,
      });
    },
    decide: () => ({ answer: undefined }),
  });
  const made = found;
  let head: AuditHead;
  await context.directory.accounts.run({
    prepare: async (rows) => {
      head = await readAuditHead(rows);
    },
    decide: ({ now }) => {
      const { rows } = auditRows(head, now, {
        kind: 'escrow',
        by,
        why: reason,
        room,
        pseudonym,
        reference: made === undefined ? new Uint8Array() : hash(1, made),
        outcome: made === undefined ? 'unknownPseudonym' : 'done',
      });
      return { answer: undefined, rows };
    },
  });
  if (made === undefined) throw new ProviderError('unknownPseudonym');
  return made;
}
