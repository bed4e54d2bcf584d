// The secrets that devices hold, collected as they pass through their storage: what no server may ever get.

import type { Device, KeyValue, KeyValueChange } from '../../client/index.ts';
import { memoryKeyValue } from '../../client/index.ts';
import { splitKey } from '../../client/state/keys.ts';
import { connectionKey, Membership, parseLink } from '../../privacy/index.ts';
import type { EpochState } from '../../privacy/member/epoch_state.ts';
import { MlsSecrets } from './mls_secrets.ts';
import type { Needles } from './needles.ts';

/** Which of a member's secrets are searched for besides those that every mode keeps. */
export interface Wanted {
  /** The write key: the hub has it as well where it only orders. */
  readonly writeKey: boolean;
  /** The keys of messages and epochs, of which there are many. */
  readonly mls?: boolean | undefined;
}

/** A device's storage that collects the secrets which pass through it. */
export function collectingStorage(needles: Needles, wanted: Wanted): KeyValue {
  const inner = memoryKeyValue();
  const mls = wanted.mls === true ? new MlsSecrets() : undefined;
  return {
    load: (prefix) => inner.load(prefix),
    close: () => inner.close(),
    write: (changes) => {
      for (const { key, value } of changes) {
        if (value === undefined || splitKey(key)?.kind !== 'membership') continue;
        const { current, pending } = Membership.decode(value);
        for (const state of [current, pending]) if (state) addSecrets(needles, state, wanted);
      }
      if (mls !== undefined) {
        for (const { name, bytes } of mls.in(mlsRows(changes))) needles.add(name, bytes);
      }
      return inner.write(changes);
    },
  };
}

function mlsRows(changes: readonly KeyValueChange[]) {
  return changes.flatMap(({ key, value }) => {
    const split = splitKey(key);
    return split?.kind === 'mls' && value !== undefined ? [{ key: split.rest, value }] : [];
  });
}

function addSecrets(needles: Needles, state: EpochState, { writeKey }: Wanted): void {
  if (state.wrapper !== undefined) needles.add('wrapper key', state.wrapper);
  for (const key of state.linkKeys.values()) needles.add('link key', key);
  if (state.keys === undefined) return;
  needles.add('private key of an epoch', state.keys.privateKey);
  needles.add('wrapper seal', state.keys.wrapperSeal);
  if (writeKey) needles.add('write key', state.keys.writeKey);
}

/** Adds what only who is given a link has. */
export function addLink(needles: Needles, text: string): void {
  const { secret } = parseLink(text);
  needles.add('join secret', secret);
  needles.addText('join link', text);
}

/** Adds what all devices of a user share. */
export function addAccount(needles: Needles, { account }: Device): void {
  needles.add('account secret', account.secret);
  for (const generation of [0, 1]) {
    needles.add('connection key', connectionKey(account.secret, generation));
  }
}
