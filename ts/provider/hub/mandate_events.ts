// What a hub says to members by itself: the removals that it proposes, and its mandates, each in the form of the room's
// mode. docs/modes, "Mandates".

import { decodeAnnouncement, mandateSlot, PrivacyError } from '../../privacy/index.ts';
import {
  decodeMlsMessage,
  encodeFanoutMessage,
  type HandshakePayload,
  type HandshakeView,
} from '../../wire/index.ts';
import type { HubContext } from './context.ts';
import type { FollowedGroup, HubRoom } from './hub_room.ts';

const NONE = new Uint8Array();

/** Makes the events of one epoch, for all of its members. */
export class HubEvents {
  readonly #context: HubContext;
  readonly #room: HubRoom;
  readonly #group: FollowedGroup['group'];
  readonly #memberKeys: readonly Uint8Array[];

  constructor(context: HubContext, room: HubRoom, { group, announcements }: FollowedGroup) {
    this.#context = context;
    this.#room = room;
    this.#group = group;
    this.#memberKeys = announcements.flatMap(announcedKey);
  }

  /** Proposals of the hub, MLSMessages. Throws PrivacyError where the members' keys are missing or are none. */
  proposals(messages: readonly Uint8Array[]): (acceptedAt: number) => Uint8Array {
    const { mode } = this.#room;
    if (mode.framing === 'draft') {
      const [message, ...moreProposals] = messages.map(
        (bytes) => decodeMlsMessage(bytes) as HandshakeView,
      );
      return (acceptedAt) =>
        encodeFanoutMessage({
          kind: 'proposal',
          timestamp: BigInt(acceptedAt),
          message: message as HandshakeView,
          moreProposals,
        });
    }
    const payloads = messages.map((handshake) => this.#wrap({ handshake, slots: [] }, 'proposal'));
    const { groupId, epoch } = this.#group;
    return (acceptedAt) =>
      encodeFanoutMessage({
        kind: 'modeHandshake',
        handshake: 'proposal',
        timestamp: BigInt(acceptedAt),
        mode: mode.name,
        groupId,
        epoch,
        payloads,
      });
  }

  /** A mandate. Throws PrivacyError as `proposals`. */
  mandate(mandate: Uint8Array): (acceptedAt: number) => Uint8Array {
    const { groupId, epoch } = this.#group;
    const payload = this.#wrap({ handshake: NONE, slots: [mandateSlot(mandate)] }, 'slots');
    const mode = this.#room.mode.name;
    return (acceptedAt) =>
      encodeFanoutMessage({
        kind: 'mandate',
        timestamp: BigInt(acceptedAt),
        mode,
        groupId,
        epoch,
        payload,
      });
  }

  #wrap(payload: HandshakePayload, kind: 'proposal' | 'slots'): Uint8Array {
    const { mode, view } = this.#room;
    const { suite, groupId, epoch } = this.#group;
    // Whatever key the room has for this hub: after a restart it must read this again with its own.
    const { publicKey } = this.#context.keys.sealing;
    const hub = { id: view?.state.hubKeys.at(-1)?.id ?? NONE, publicKey };
    const to = { memberKeys: this.#memberKeys, hub, joins: false };
    return mode.handshakes.wrap(payload, { suite, groupId, epoch, kind }, to);
  }
}

/** A room's first announcement comes with its creation, and nobody has checked it. */
function announcedKey(announcement: Uint8Array): Uint8Array[] {
  try {
    return [decodeAnnouncement(announcement).publicKey];
  } catch (error) {
    if (error instanceof PrivacyError) return [];
    throw error;
  }
}
