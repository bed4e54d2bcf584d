// How the messages of a room are franked, pinned when it is created, and by whose key.
// franking_agent: draft-ietf-mimi-protocol-06, "Message Franking"; safe_aad: draft-ietf-mls-extensions, "Negotiating
// Extensions and Components". exedra_franking is ours: which form the frank has (docs/franking.md).
//   struct { SignaturePublicKey franking_signature_key; Credential credential; } FrankingAgentData;
//   ComponentID safe_aad<V>;   enum { exedra(1), draft06(2), (255) } FrankingForm;

import {
  decodeExternalSender,
  decoder,
  type ExternalSender,
  encodeExternalSender,
  encoder,
  enumTable,
  type NameOf,
} from '../../wire/index.ts';
import { RoomError } from '../errors.ts';
import type { Component } from './component.ts';
import { FRANKING_AGENT, FRANKING_FORM, SAFE_AAD } from './ids.ts';

const forms = enumTable({ exedra: 1, draft06: 2 });

/** `exedra`: the sender is blinded, and checked; `draft06`: as the draft has it. */
export type FrankingForm = NameOf<typeof forms>;

/** Who franks the room's messages: the hub, and its key of the room's cipher suite. */
export type FrankingAgent = ExternalSender;

/** An update replaces the agent: the hub has another key. */
export const frankingAgent: Component<FrankingAgent, FrankingAgent> = {
  id: FRANKING_AGENT,
  name: 'franking_agent',
  encode: encodeExternalSender,
  decode: decodeExternalSender,
  decodeUpdate: decodeExternalSender,
  apply: (current, updates) => {
    const agent = updates.at(-1) ?? current;
    // Whether a room is franked is settled when it is created.
    if (agent === undefined || current === undefined) throw new RoomError('frankingPinned');
    return agent;
  },
};

export const frankingForm: Component<FrankingForm, FrankingForm> = {
  id: FRANKING_FORM,
  name: 'exedra_franking',
  encode: encoder((writer, form: FrankingForm) => writer.enum8(forms, form, 'form')),
  decode: decoder((reader) => reader.enum8(forms, 'form')),
  decodeUpdate: decoder((reader) => reader.enum8(forms, 'form')),
  apply: () => {
    throw new RoomError('frankingPinned');
  },
};

/** The components that every message's authenticated data may hold; where the room has the list, it is a SafeAAD. */
export const safeAad: Component<readonly number[], readonly number[]> = {
  id: SAFE_AAD,
  name: 'safe_aad',
  encode: encoder((writer, ids: readonly number[]) =>
    writer.list(ids, 'component_ids', (to, id) => to.u16(id, 'component_id')),
  ),
  decode: decoder((reader) => reader.list('component_ids', (item) => item.u16('component_id'))),
  decodeUpdate: decoder((reader) =>
    reader.list('component_ids', (item) => item.u16('component_id')),
  ),
  apply: () => {
    throw new RoomError('frankingPinned');
  },
};
