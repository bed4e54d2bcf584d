// Mode `pseudonymous`: leaves name pseudonyms, handshakes are public. The hub follows the group and enforces the
// policy on pseudonyms; only members find out whom they stand for, by identity links.
// draft-kohbrok-mimi-metadata-minimalization, and "minimal metadata rooms" of draft-ietf-mimi-protocol-06.

import { clearHandshakes, clearHubParts } from '../clear_handshakes.ts';
import type { Mode } from '../mode.ts';
import { pseudonymousCredentials } from '../pseudonymous_credentials.ts';

export const pseudonymous: Mode = {
  name: 'pseudonymous',
  credentials: pseudonymousCredentials,
  handshakes: clearHandshakes,
  hubParts: clearHubParts,
  hub: 'verifies',
  framing: 'mode',
};
