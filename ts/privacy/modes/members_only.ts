// Mode `members-only`: real credentials, which only members see, since each handshake is a PrivateMessage. The hub
// puts handshakes in order and knows nothing of them; members enforce the policy. draft-mahy-mls-private-external-01.

import { sealedHubParts } from '../enveloped_handshakes.ts';
import type { Mode } from '../mode.ts';
import { privateHandshakes } from '../private_handshakes.ts';
import { realCredentials } from '../real_credentials.ts';

export const membersOnly: Mode = {
  name: 'members-only',
  credentials: realCredentials('real'),
  handshakes: privateHandshakes,
  hubParts: sealedHubParts,
  hub: 'orders',
  framing: 'mode',
};
