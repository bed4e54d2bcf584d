// A sender that lies itself: what it makes up is wrapped, signed and sealed as if it were meant, so that nothing tells it
// from an honest one but what it says. spec/privacy-modes.md, "Nobody rolls MLS state back".

import { vi } from 'vitest';
import { Identity } from '../../ts/mls/index.ts';
import { modeNamed } from '../../ts/privacy/index.ts';
import { fullLabel } from '../../ts/privacy/parts/hpke.ts';
import {
  decodeHubPart,
  decodeModeUpdate,
  encodeHubPart,
  encodeModeUpdateBody,
  type HandshakePayload,
  type HubPart,
  isModeUpdate,
  type SlotWrite,
} from '../../ts/wire/index.ts';

/** What a sender makes of what an honest one would send; what is left out stays as it is. */
export interface SenderLie {
  /** Changes what the hub alone gets, but its proof, which is made over the change: the same of the same part. */
  readonly part?: (part: HubPart) => HubPart;
  /** Changes a handshake and its slots, before they are wrapped. */
  readonly payload?: (payload: HandshakePayload) => HandshakePayload;
  /** Changes what hub and members get of a payload, as it is wrapped. */
  readonly wrapped?: (payload: Uint8Array) => Uint8Array;
}

const LABEL = fullLabel('update proof');

/**
 * Does something while whoever sends in this mode lies; afterwards everybody is honest again. Nobody but the liar may
 * send meanwhile. Throws what `act` throws, and an Error where nothing was sent in the mode: then nobody has lied.
 */
export async function lying<Result>(
  mode: string,
  { part = same, payload = same, wrapped = same }: SenderLie,
  act: () => Promise<Result>,
): Promise<Result> {
  const { hubParts, handshakes } = modeNamed(mode);
  const { seal } = hubParts;
  const { wrap } = handshakes;
  const { sign } = Identity.prototype;
  const spies = [
    vi
      .spyOn(handshakes, 'wrap')
      .mockImplementation((content, ...to) => wrapped(wrap(payload(content), ...to))),
    vi.spyOn(Identity.prototype, 'sign').mockImplementation(function (this: Identity, label, over) {
      const proves = label === LABEL && isModeUpdate(over);
      return sign.call(this, label, proves ? withPart(over, part) : over);
    }),
    vi
      .spyOn(hubParts, 'seal')
      .mockImplementation((content, ...to) =>
        seal({ ...part(content), proof: content.proof }, ...to),
      ),
  ] as const;
  try {
    const result = await act();
    if (spies[0].mock.calls.length === 0) throw new Error(`nothing was sent in mode ${mode}`);
    return result;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** The payload without slots that are kept for so long: those of clients are link keys. */
export const withoutSlots =
  (kept: SlotWrite['lifetime']) =>
  ({ handshake, slots }: HandshakePayload): HandshakePayload => ({
    handshake,
    slots: slots.filter(({ lifetime }) => lifetime !== kept),
  });

const same = <Value>(value: Value): Value => value;

/** What the proof of an update is made over, with another part for the hub in it. */
function withPart(proven: Uint8Array, change: (part: HubPart) => HubPart): Uint8Array {
  // A body is an update without its last field, which an empty vector stands for.
  const update = decodeModeUpdate(Uint8Array.of(...proven, 0));
  const part = change(decodeHubPart(update.hubPart));
  return encodeModeUpdateBody({
    ...update,
    hubPart: encodeHubPart({ ...part, proof: new Uint8Array() }),
  });
}
