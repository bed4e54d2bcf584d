// The operations of the local client API, by name.

import type { AccountOperation } from './accounts/operations.ts';

/** What a device may ask of its own provider. */
export type DeviceOperation =
  | 'register'
  | 'uploadKeyPackages'
  | 'keyMaterial'
  | 'createRoom'
  | 'update'
  | 'submitMessage'
  | 'groupInfo'
  | 'roomSlots'
  | 'reportAbuse'
  | 'sync'
  | 'consent'
  | 'unsubscribe'
  | AccountOperation;
