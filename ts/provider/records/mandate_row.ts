// The mandate of a room that waits for a commit: what the operator wants, and the mandate as it was made last.
//   struct {
//     uint8 version; optional<opaque<V>> agent; opaque user<V>; uint32 role; opaque mandate<V>;
//   } OpenMandate;  (rows of version 1 have no agent)

import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';

const VERSION = 2;

/** What is wanted of a room: that a user has a role, or that another key franks its messages. */
export type Aim =
  | {
      /** As the room names it. */
      readonly user: string;
      /** The role that the user is to have; 0 outside the list. */
      readonly role: number;
    }
  | {
      /** The update of `franking_agent`. */
      readonly agent: Uint8Array;
    };

export interface OpenMandate {
  readonly aim: Aim;
  readonly mandate: Uint8Array;
}

export const encodeOpenMandate = encoder((writer: Writer, { aim, mandate }: OpenMandate) => {
  writer.u8(VERSION, 'version');
  const { user, role } = 'agent' in aim ? { user: '', role: 0 } : aim;
  writer.optional('agent' in aim ? aim.agent : undefined, (to, agent) => to.opaque(agent, 'agent'));
  writer.text(user, 'user');
  writer.u32(role, 'role');
  writer.opaque(mandate, 'mandate');
});

export const decodeOpenMandate = decoder((reader: Reader): OpenMandate => {
  const version = reader.u8('version');
  if (version !== 1 && version !== VERSION) {
    throw reader.error('unknownValue', `Rows of version ${version} are not known.`, 'version');
  }
  const agent =
    version === 1 ? undefined : reader.optional('agent', (item) => item.opaque('agent').slice());
  const roleAim = { user: reader.text('user'), role: reader.u32('role') };
  return {
    aim: agent === undefined ? roleAim : { agent },
    mandate: reader.opaque('mandate').slice(),
  };
});
