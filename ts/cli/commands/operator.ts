// `exedra operator`: what the operator of a provider does to people: bans, removals and roles by mandate, bans enforced on
// the person, reports of abuse, devices, break glass and its audit log. docs/modes/deployments.md.
import { Command, InvalidArgumentError } from 'commander';
import { init } from '../../mls/index.ts';
import { joinEscrowShares, openEscrowShare } from '../../privacy/parts/escrow.ts';
import { signOrder } from '../../privacy/parts/statements.ts';
import { MEMBER_ROLE, MUTED_ROLE } from '../../room/index.ts';
import { DEFAULT_PORT } from '../../server/config.ts';
import { orderJson, readOrder } from '../../server/order_json.ts';
import {
  asClientUri,
  asRoomUri,
  asUserUri,
  decodeEscrowCase,
  decodeEscrowShare,
  encodeEscrowShare,
  encodePathUri,
  ORDER_NONCE_BYTES,
} from '../../wire/index.ts';
import { callAdmin, type ProviderOptions } from '../operator/admin.ts';
import {
  fromBase64Url,
  newEscrowKey,
  newOfficerKey,
  readJson,
  readKey,
  readStruct,
  structJson,
  writeJson,
} from '../operator/files.ts';

const HOUR_MS = 3_600_000;

/** The subcommand with its own. */
export function operatorCommand(): Command {
  return new Command('operator')
    .description(
      'Bans, roles, reports, devices, break glass and its audit log, at a running provider.',
    )
    .addCommand(userCommand('ban', 'Order that a user is banned in a room of this hub.'))
    .addCommand(userCommand('unban', 'Order that the ban of a user ends.'))
    .addCommand(userCommand('remove', 'Order that a user is taken out; it may come back.'))
    .addCommand(roleCommand())
    .addCommand(userCommand('mute', 'Order that a user sends nothing.', toRole(MUTED_ROLE)))
    .addCommand(
      userCommand('unmute', 'Order that a muted user is a member again.', toRole(MEMBER_ROLE)),
    )
    .addCommand(reportsCommand())
    .addCommand(settleCommand())
    .addCommand(frankingKeyCommand())
    .addCommand(deviceCommand())
    .addCommand(revokeCommand())
    .addCommand(noticeCommand())
    .addCommand(enforceCommand())
    .addCommand(ledgerInput('ban-receipt', 'Take the receipt of the provider of a banned user.'))
    .addCommand(ledgerInput('ban-complaint', 'Take a complaint that a banned person is back.'))
    .addCommand(bansCommand())
    .addCommand(
      keyCommand(
        'officer-key',
        'Make the key of an officer; prints what belongs into the configuration.',
      ),
    )
    .addCommand(orderCommand())
    .addCommand(signCommand())
    .addCommand(breakGlassCommand())
    .addCommand(auditCommand())
    .addCommand(
      keyCommand('escrow-key', 'Make the key of an escrow party; prints its public part.'),
    )
    .addCommand(caseCommand())
    .addCommand(shareCommand())
    .addCommand(joinCommand())
    .addHelpText(
      'after',
      `
Break glass takes two officers, whose public keys are in the provider's configuration:
  exedra operator officer-key --name legal --out legal.json
  exedra operator order --provider a.example --room mimi://a.example/r/club \\
    --pseudonym mimi://a.example/u/0f… --reason "case 7" --out order.json
  exedra operator sign order.json --key legal.json
  exedra operator sign order.json --key safety.json
  exedra operator break-glass order.json --url http://127.0.0.1:${DEFAULT_PORT} --token-file admin.token
  exedra operator audit --token-file admin.token`,
    );
}

/** A command that calls a running provider. */
function remote(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--url <url>', 'where the provider listens', `http://127.0.0.1:${DEFAULT_PORT}`)
    .requiredOption('--token-file <file>', 'file with the admin token');
}

const say = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
};

const inRoom = (room: string, what: string): string =>
  `/admin/v1/rooms/${encodePathUri(room)}/${what}`;

/** Orders something about a user; `changeOf` makes the order, by default `{[name]: user}`. */
function userCommand(
  name: string,
  description: string,
  changeOf: (user: string) => object = (user) => ({ [name]: user }),
): Command {
  return remote(name, description)
    .argument('<room>', 'room URI', asRoomUri)
    .argument('<user>', 'user URI, as the room names it', asUserUri)
    .action(async (room: string, user: string, options: ProviderOptions) => {
      say(await callAdmin(options, inRoom(room, 'mandates'), changeOf(user)));
    });
}

const toRole = (role: number) => (user: string) => ({ role: { user, role } });

function roleCommand(): Command {
  return remote('role', 'Order that a user gets another role.')
    .argument('<room>', 'room URI', asRoomUri)
    .argument('<user>', 'user URI, as the room names it', asUserUri)
    .argument('<role>', 'index of a role of the room', parseCount)
    .action(async (room: string, user: string, role: number, options: ProviderOptions) => {
      say(await callAdmin(options, inRoom(room, 'mandates'), toRole(role)(user)));
    });
}

function reportsCommand(): Command {
  return remote('reports', 'List the reports of abuse of a room, with what they prove.')
    .argument('<room>', 'room URI', asRoomUri)
    .action(async (room: string, options: ProviderOptions) => {
      say(await callAdmin(options, inRoom(room, 'reports')));
    });
}

function settleCommand(): Command {
  return remote('settle-report', 'Be done with a report: it is deleted.')
    .argument('<room>', 'room URI', asRoomUri)
    .argument('<id>', 'id of the report, as listed')
    .action(async (room: string, id: string, options: ProviderOptions) => {
      const path = inRoom(room, `reports/${encodeURIComponent(id)}`);
      await callAdmin(options, path, undefined, 'DELETE');
    });
}

function frankingKeyCommand(): Command {
  return remote(
    'franking-key',
    'Make new franking keys for rooms to come; with a room, have that one use the present keys.',
  )
    .argument('[room]', 'room URI', asRoomUri)
    .action(async (room: string | undefined, options: ProviderOptions) => {
      if (room === undefined) {
        await callAdmin(options, '/admin/v1/franking-keys', undefined, 'POST');
      } else {
        say(await callAdmin(options, inRoom(room, 'mandates'), { frankingKey: 'current' }));
      }
    });
}

function deviceCommand(): Command {
  return remote('device', 'Let a new device of a user sign in; its token goes into a file.')
    .argument('<user>', 'user URI', asUserUri)
    .argument('<client>', 'client URI', asClientUri)
    .requiredOption('--out <file>', 'where the token goes, readable by its owner only')
    .action(async (user: string, client: string, options: ProviderOptions & { out: string }) => {
      const made = await callAdmin(options, '/admin/v1/devices', { user, client });
      await writeJson(options.out, made, { secret: true });
    });
}

function revokeCommand(): Command {
  return remote('revoke', 'Let a device sign in no more.')
    .argument('<client>', 'client URI', asClientUri)
    .action(async (client: string, options: ProviderOptions) => {
      const path = `/admin/v1/devices/${encodePathUri(client)}`;
      await callAdmin(options, path, undefined, 'DELETE');
    });
}

function noticeCommand(): Command {
  return remote('ban-notice', 'Make the notice of a ban, or of its end, for the user’s provider.')
    .argument('<room>', 'room URI', asRoomUri)
    .argument('<pseudonym>', 'user URI, as the room names it', asUserUri)
    .requiredOption('--out <file>', 'where the notice goes')
    .action(async (room: string, pseudonym: string, options: ProviderOptions & { out: string }) => {
      const notice = await callAdmin(options, inRoom(room, 'ban-notices'), { pseudonym });
      await writeJson(options.out, notice);
    });
}

function enforceCommand(): Command {
  return remote('enforce-ban', 'Enforce a hub’s notice on the person, and make the receipt.')
    .argument('<notice>', 'file of the notice')
    .requiredOption('--out <file>', 'where the receipt goes')
    .action(async (notice: string, options: ProviderOptions & { out: string }) => {
      await writeJson(
        options.out,
        await callAdmin(options, '/admin/v1/ban-notices', await readJson(notice)),
      );
    });
}

function ledgerInput(name: 'ban-receipt' | 'ban-complaint', description: string): Command {
  return remote(name, description)
    .argument('<file>', 'what came from the other provider, or from a member')
    .action(async (file: string, options: ProviderOptions) => {
      say(await callAdmin(options, `/admin/v1/${name}s`, await readJson(file)));
    });
}

function bansCommand(): Command {
  return remote('bans', 'List what providers were asked, and how they keep to it.').action(
    async (options: ProviderOptions) => say(await callAdmin(options, '/admin/v1/bans')),
  );
}

function keyCommand(kind: 'officer-key' | 'escrow-key', description: string): Command {
  return new Command(kind)
    .description(description)
    .requiredOption('--name <name>', 'whose it is')
    .requiredOption('--out <file>', 'where the key goes, readable by its owner only')
    .action(async ({ name, out }: { name: string; out: string }) => {
      await init();
      const key = kind === 'officer-key' ? newOfficerKey(name) : newEscrowKey(name);
      await writeJson(out, key, { secret: true });
      say({ name, publicKey: key.publicKey });
    });
}

interface OrderOptions {
  readonly provider: string;
  readonly room: string;
  readonly pseudonym: string;
  readonly reason: string;
  readonly hours: number;
  readonly out: string;
}

function orderCommand(): Command {
  return new Command('order')
    .description('Write an order for one pseudonym, to be signed.')
    .requiredOption('--provider <domain>', 'domain of the provider that is asked')
    .requiredOption('--room <uri>', 'room in which the pseudonym is', asRoomUri)
    .requiredOption('--pseudonym <uri>', 'user pseudonym', asUserUri)
    .requiredOption('--reason <text>', 'why, for the log')
    .option('--hours <number>', 'how long the order is good', parseCount, 24)
    .requiredOption('--out <file>', 'where the order goes')
    .action(async ({ provider, room, pseudonym, reason, hours, out }: OrderOptions) => {
      const order = {
        provider,
        room: asRoomUri(room),
        pseudonym: asUserUri(pseudonym),
        reason,
        notAfter: BigInt(Date.now() + hours * HOUR_MS),
        nonce: crypto.getRandomValues(new Uint8Array(ORDER_NONCE_BYTES)),
      };
      await writeJson(out, orderJson({ order, signatures: [] }));
    });
}

function signCommand(): Command {
  return new Command('sign')
    .description('Sign an order as an officer; the signature is put into the file.')
    .argument('<order>', 'file of the order')
    .requiredOption('--key <file>', 'key of the officer')
    .action(async (file: string, { key: keyFile }: { key: string }) => {
      await init();
      const { order, signatures } = readOrder(await readJson(file));
      const { name: officer, privateKey } = await readKey(keyFile);
      const signature = signOrder(order, fromBase64Url(privateKey));
      const others = signatures.filter((other) => other.officer !== officer);
      const signed = { order, signatures: [...others, { officer, signature }] };
      await writeJson(file, orderJson(signed), { replace: true });
    });
}

function breakGlassCommand(): Command {
  return remote('break-glass', 'Send a signed order; prints who is behind the pseudonym.')
    .argument('<order>', 'file of the order')
    .action(async (file: string, options: ProviderOptions) => {
      say(await callAdmin(options, '/admin/v1/break-glass', await readJson(file)));
    });
}

interface AuditOptions extends ProviderOptions {
  readonly head?: { readonly seq: number; readonly hash: string };
}

function auditCommand(): Command {
  return remote('audit', 'Read the audit log; ends with code 1 where it was altered.')
    .option(
      '--head <seq:hash>',
      'a head that was noted before, up to which it must lead',
      parseHead,
    )
    .action(async (options: AuditOptions) => {
      const { head } = options;
      const query = head === undefined ? '' : `?seq=${head.seq}&hash=${head.hash}`;
      const log = await callAdmin(options, `/admin/v1/audit${query}`);
      say(log);
      if ((log as { brokenAt?: number }).brokenAt !== undefined) process.exitCode = 1;
    });
}

interface CaseOptions extends ProviderOptions {
  readonly by: string;
  readonly reason: string;
  readonly out: string;
}

function caseCommand(): Command {
  return remote('escrow-case', 'Make the case of one pseudonym for the escrow parties of a room.')
    .argument('<room>', 'room URI', asRoomUri)
    .argument('<pseudonym>', 'user pseudonym', asUserUri)
    .requiredOption('--by <name>', 'who asks, for the log')
    .requiredOption('--reason <text>', 'why, for the log and the parties')
    .requiredOption('--out <file>', 'where the case goes')
    .action(async (room: string, pseudonym: string, options: CaseOptions) => {
      const { by, reason, out } = options;
      const asked = { pseudonym, by, reason };
      await writeJson(out, await callAdmin(options, inRoom(room, 'escrow-cases'), asked));
    });
}

function shareCommand(): Command {
  return new Command('open-share')
    .description('Open the own half of a case, as an escrow party; prints what the case is about.')
    .argument('<case>', 'file of the case')
    .requiredOption('--key <file>', 'key of the party')
    .requiredOption('--out <file>', 'where the share goes')
    .action(async (file: string, { key, out }: { key: string; out: string }) => {
      await init();
      const asked = await readStruct(file, decodeEscrowCase);
      const { name, publicKey, privateKey } = await readKey(key);
      const party = {
        name,
        publicKey: fromBase64Url(publicKey),
        privateKey: fromBase64Url(privateKey),
      };
      await writeJson(out, structJson(encodeEscrowShare(openEscrowShare(asked, party))), {
        secret: true,
      });
      const { room, pseudonym, reason } = asked;
      say({ room, pseudonym, reason });
    });
}

function joinCommand(): Command {
  return new Command('join-shares')
    .description('Open a pseudonym by the shares of both parties; prints who is behind it.')
    .argument('<case>', 'file of the case')
    .argument('<share>', 'of one party')
    .argument('<other>', 'of the other party')
    .action(async (file: string, one: string, other: string) => {
      await init();
      const shares = [
        await readStruct(one, decodeEscrowShare),
        await readStruct(other, decodeEscrowShare),
      ];
      const { user, client } = joinEscrowShares(await readStruct(file, decodeEscrowCase), shares);
      say({ user, client });
    });
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A whole number is expected.');
  return Number(text);
}

function parseHead(text: string): { seq: number; hash: string } {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) {
    throw new InvalidArgumentError('A head is given as seq:hash, as the log prints them.');
  }
  return { seq: Number(seq), hash };
}
