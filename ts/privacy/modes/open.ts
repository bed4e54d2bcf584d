// Mode `open`: real credentials in the clear, handshakes as PublicMessage, all of it in the structs of
// draft-ietf-mimi-protocol-06. The hub follows the group, knows everybody, and enforces the policy.

import { clearHandshakes, clearHubParts } from '../clear_handshakes.ts';
import type { Mode } from '../mode.ts';
import { realCredentials } from '../real_credentials.ts';

export const open: Mode = {
  name: 'open',
  credentials: realCredentials(undefined),
  handshakes: clearHandshakes,
  hubParts: clearHubParts,
  hub: 'verifies',
  framing: 'draft',
};
