// How the hub says no to an update: the answer that names the rule, and which failures of the core are one.

import { MlsError } from '../../mls/index.ts';
import type { UpdateRoomResponse } from '../../wire/index.ts';
import type { Decision } from '../shard.ts';
import type { UpdateInput } from './update_input.ts';

/** Refuses an update; `rule` is stable, `why` is for people. */
export function notAllowed(
  { context, room, origin }: UpdateInput,
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

/** The code of a core failure that the payload caused; any other failure is thrown on. */
export function payloadFault(error: unknown): string {
  if (error instanceof MlsError && (error.kind === 'payload' || error.kind === 'caller')) {
    return error.code;
  }
  throw error;
}
