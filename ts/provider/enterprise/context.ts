// What the parts of the enterprise deployment share.

import type { HiddenAccountsContext } from '../accounts/context.ts';
import type { KnownProviderKeys } from '../accounts/provider_keys.ts';

export interface EnterpriseContext extends HiddenAccountsContext {
  readonly providerKeys: KnownProviderKeys;
}
