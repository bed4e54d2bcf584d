// Mode `hub-visible`: as `pseudonymous`, but each handshake travels in an envelope that the members and the hub can
// open. Followers see a group, an epoch, a content type and a size class. draft-mahy-mls-semiprivatemessage-07.

import { envelopedHandshakes, sealedHubParts } from '../enveloped_handshakes.ts';
import type { Mode } from '../mode.ts';
import { pseudonymousCredentials } from '../pseudonymous_credentials.ts';

export const hubVisible: Mode = {
  name: 'hub-visible',
  credentials: pseudonymousCredentials,
  handshakes: envelopedHandshakes,
  hubParts: sealedHubParts,
  hub: 'verifies',
  framing: 'mode',
};
