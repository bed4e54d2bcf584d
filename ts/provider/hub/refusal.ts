// How the hub says no to an update: the answer that names the rule, and which failures of the core are one.

import { MlsError } from '../../mls/index.ts';
import { PrivacyError } from '../../privacy/index.ts';
import { RoomError } from '../../room/index.ts';
import type { UpdateRoomResponse } from '../../wire/index.ts';
import type { Decision } from '../shard.ts';
import type { UpdateInput } from './update_input.ts';

/** Why something is refused: a stable rule, and words for people. */
export interface Refusal {
  readonly rule: string;
  readonly why: string;
}

/** Refuses an update; `rule` is stable, `why` is for people. */
export function notAllowed(
  { context, room, origin }: Pick<UpdateInput, 'context' | 'room' | 'origin'>,
  rule: string,
  why: string,
): Decision<UpdateRoomResponse> {
  context.report({
    type: 'refused',
    room: room.uri,
    rule,
    from: origin.kind === 'peer' ? origin.domain : context.domain,
  });
  return { answer: { code: 'notAllowed', errorDescription: `${rule}: ${why}` } };
}

/** The code of a failure that the payload caused; any other failure is thrown on. */
export function payloadFault(error: unknown): string {
  const ours =
    error instanceof MlsError || error instanceof RoomError || error instanceof PrivacyError;
  if (ours && (error.kind === 'payload' || error.kind === 'caller')) return error.code;
  throw error;
}
