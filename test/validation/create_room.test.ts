// What a room is created from: the structs that later joiners are given, as they are given them.

import { expect, test } from 'vitest';
import { init } from '../../ts/mls/index.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import { encodeCreateRoom, roomUri, toMlsMessage } from '../../ts/wire/index.ts';
import { MlsMember } from '../support/mls_member.ts';
import { Network } from '../support/network.ts';

test('a room is created from a GroupInfo without the header of an MLSMessage', async () => {
  await init();
  const network = new Network('a.example');
  const provider = await network.open('a.example', openMemoryStore());
  const alice = new MlsMember(network.call, 'a.example', 'alice-1');
  const club = roomUri('a.example', 'club');
  const group = alice.createGroup(club);
  const room = {
    roomUri: club,
    groupInfo: group.groupInfo(),
    ratchetTree: group.ratchetTree(),
  };
  const framed = { ...room, groupInfo: toMlsMessage('groupInfo', room.groupInfo) };
  await expect(alice.call('createRoom', club, encodeCreateRoom(framed))).rejects.toMatchObject({
    code: 'badRequest',
  });
  await alice.call('createRoom', club, encodeCreateRoom(room));
  await new MlsMember(network.call, 'a.example', 'alice-2').joinExternally(club);
  await provider.close();
});
