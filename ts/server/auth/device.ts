// Which device a request of the local client API comes from: an opaque token minted here, or a JWT.
import { ServerError } from '../errors.ts';
import type { DeviceIdentity } from './identity.ts';
import type { JwtCheck } from './jwt.ts';
import { bearerToken } from './secrets.ts';

/** Answers the device behind an Authorization header; throws `unauthorized`, the same for every cause. */
export type DeviceCheck = (authorization: string | undefined) => Promise<DeviceIdentity>;

/** What the check asks the provider: the device of a token minted there. */
export interface TokenRegistry {
  authenticate(token: string): Promise<DeviceIdentity | undefined>;
}

/** Builds the check; without `jwt` only minted tokens are taken. */
export function deviceCheck(registry: TokenRegistry, jwt: JwtCheck | undefined): DeviceCheck {
  return async (authorization) => {
    const token = bearerToken(authorization);
    if (token === undefined) throw new ServerError('unauthorized');
    if (isJwt(token)) {
      if (jwt === undefined) throw new ServerError('unauthorized');
      return jwt(token);
    }
    const device = await registry.authenticate(token);
    if (device === undefined) throw new ServerError('unauthorized');
    return device;
  };
}

/** Minted tokens are base64url and hold no dot; a JWT has three parts. */
function isJwt(token: string): boolean {
  return token.split('.').length === 3;
}
