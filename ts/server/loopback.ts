// What counts as loopback: the only place where plain HTTP is allowed (RFC 6761 section 6.3, RFC 1122 section 3.2.1.3).
import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether `host` (a name or an address, IPv6 with or without brackets) is this machine itself. */
export function isLoopback(host: string): boolean {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  const family = isIP(bare);
  if (family === 0) return bare.toLowerCase() === 'localhost';
  return LOOPBACK.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}

/** Whether a socket's remote address is loopback; IPv4 mapped into IPv6 counts as the IPv4 address. */
export function isLoopbackPeer(remoteAddress: string | undefined): boolean {
  if (remoteAddress === undefined) return false;
  return isLoopback(remoteAddress.replace(/^::ffff:/i, ''));
}

/** Host part of a URL authority: `[::1]` for an IPv6 address. */
export function urlHost(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
