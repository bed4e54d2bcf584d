// What the hub fans out of an update, in the structs of the room's mode.

import type { HubGroup } from '../../mls/index.ts';
import type { Submission } from '../../privacy/index.ts';
import {
  decodeMlsMessage,
  encodeFanoutMessage,
  encodeFanoutMessages,
  toMlsMessage,
  type WelcomeMessageView,
} from '../../wire/index.ts';

/** The event of proposals or of a commit, for members and followers. */
export function handshakeFanout(submission: Submission, acceptedAt: number): Uint8Array {
  const timestamp = BigInt(acceptedAt);
  const { draft } = submission;
  if (draft?.kind === 'commit') {
    const { message } = draft;
    return encodeFanoutMessage({ kind: 'commit', timestamp, message, externalProposals: [] });
  }
  if (draft !== undefined) return encodeFanoutMessage({ ...draft, timestamp });
  const { mode, groupId, epoch, payloads, kind } = submission;
  return encodeFanoutMessage({
    kind: 'modeHandshake',
    handshake: kind === 'commit' ? 'commit' : 'proposal',
    timestamp,
    mode,
    groupId,
    epoch,
    payloads,
  });
}

/** The Welcomes of a commit, one after the other; empty when there is none. */
export function welcomeFanout(
  group: HubGroup | undefined,
  { draft, mode, welcomes }: Submission,
  acceptedAt: number,
): Uint8Array {
  const timestamp = BigInt(acceptedAt);
  if (draft?.kind === 'commit' && draft.welcome !== undefined && group !== undefined) {
    const message = decodeMlsMessage(toMlsMessage('welcome', draft.welcome)) as WelcomeMessageView;
    return encodeFanoutMessage({
      kind: 'welcome',
      timestamp,
      message,
      ratchetTree: { representation: 'full', ratchetTree: group.ratchetTree() },
    });
  }
  if (welcomes.length === 0) return new Uint8Array();
  return encodeFanoutMessages(
    welcomes.map((welcome) => ({ kind: 'modeWelcome', timestamp, mode, welcome })),
  );
}
