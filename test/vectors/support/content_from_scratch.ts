// The published examples as a user of the library makes them: by what they are for, with the ids and salts of the drafts.

import {
  Composer,
  Disposition,
  type ExternalOptions,
  type MimiContent,
  mention,
  mentionHtml,
  type Profile,
  part,
} from '../../../ts/content/index.ts';

const hex = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, 'hex'));
const utf8 = new TextEncoder();

/** What differs between the drafts. */
interface Draft {
  readonly salts: Readonly<Record<string, string>>;
  readonly ids: Readonly<Record<'original' | 'reply' | 'reaction', string>>;
  readonly lastSeen: Readonly<Record<string, readonly string[]>>;
  readonly alice: string;
  readonly pictures: readonly [gif: string, png: string];
  readonly html: (title: string, cid: number, picture: string) => string;
}

const attachedFile = '21399320958a6f4c745dde670d95e0d8';

const drafts: Readonly<Record<Profile, Draft>> = {
  draft04: {
    salts: {},
    ids: {
      original: 'd3c14744d1791d02548232c23d35efa97668174ba385af066011e43bd7e51501',
      reply: 'e701beee59f9376282f39092e1041b2ac2e3aad1776570c1a28de244979c71ed',
      reaction: '4dcab7711a77ea1dd025a6a1a7fe01ab3b0d690f82417663cb752dfcc37779a1',
    },
    lastSeen: {
      attachment: ['5c95a4dfddab84348bcc265a479299fbd3a2eecfa3d490985da5113e5480c7f1'],
      conferencing: ['b267614d43e7676d28ef5b15e8676f23679fe365c78849d83e2ba0ae8196ec4e'],
      delete: ['89d3472622a40d6ceeb27c42490fdc64c0e9c20c598f9d7c8e81640dae8db0fb'],
      edit: [
        '4dcab7711a77ea1dd025a6a1a7fe01ab3b0d690f82417663cb752dfcc37779a1',
        '6b50bfdd71edc83554ae21380080f4a3ba77985da34528a515fac3c38e4998b8',
      ],
      expiring: ['1a771ca1d84f8fda4184a1e02a549e201bf434c6bfcf1237fa45463c6861853b'],
      mention: ['e701beee59f9376282f39092e1041b2ac2e3aad1776570c1a28de244979c71ed'],
      'mention-html': ['e701beee59f9376282f39092e1041b2ac2e3aad1776570c1a28de244979c71ed'],
      reaction: ['e701beee59f9376282f39092e1041b2ac2e3aad1776570c1a28de244979c71ed'],
      reply: ['d3c14744d1791d02548232c23d35efa97668174ba385af066011e43bd7e51501'],
      unlike: ['89d3472622a4d9de526742bcd00b09dc78fa4edceaf2720e17b730c6dfba8be4'],
    },
    alice: 'im:alice-smith@example.com',
    pictures: ['028f83c894ca744f', '6963cff36275fdb8'],
    html: (title, cid, picture) =>
      `<html><body><h1>${title}!</h1><img src="cid:${cid}" alt="${picture}"/></body></html>`,
  },
  draft08: {
    salts: {
      attachment: '18fac6371e4e53f1aeaf8a013155c166',
      conferencing: '678ac6cd54de049c3e9665cd212470fa',
      delete: '0a590d73b2c7761c39168be5ebf7f2e6',
      edit: 'b8c2e6d8800ecf45df39be6c45f4c042',
      expiring: '33be993eb39f418f9295afc2ae160d2d',
      'mention-html': '15d9705fd5bf5e02b0af47c85f8b98fe',
      mention: '04f290e215d0f82d1750bfa8b7dc089d',
      'multipart-1': '261c953e178af653fe3d42641b91d814',
      'multipart-2': '8528dc2d92e4f1944d62042907ab94d0',
      'multipart-3': 'b8362793168d18c049b882d4642a2274',
      original: '5eed9406c2545547ab6f09f20a18b003',
      reaction: 'd37bc0e6a8b4f04e9e6382375f587bf6',
      reply: '11a458c73b8dd2cf404db4b378b8fe4d',
      unlike: 'c5ba86dc9fd272e58ca52ec805b79199',
    },
    ids: {
      original: '017ce54837404c3696e0c747b985cb172716d0ed0a3d249ca63ace7d82a096f4',
      reply: '015354973c2b65ca937bf1e035ae53a5ab80e947afa43d46920d4202e5cc0b27',
      reaction: '0158c4288911e50a8f6be3f47746b6682f10fd91bc8c05557aa589a3157aff68',
    },
    lastSeen: {},
    alice: 'mimi://example.com/u/alice-smith',
    pictures: ['dc861ebaa718fd7c3ca159f71a2001a7', 'fa444237451a05a72bb0f67037cc1669'],
    html: (title, cid, picture) =>
      `<html><body><h1>${title}!</h1>\n<img src="cid:${cid}@local.invalid" alt="${picture}"/>\n</body></html>`,
  },
};

const senders: Readonly<Record<string, string>> = {
  reply: 'bob-jones',
  edit: 'bob-jones',
  delete: 'bob-jones',
  attachment: 'bob-jones',
  reaction: 'cathy-washington',
  unlike: 'cathy-washington',
  mention: 'cathy-washington',
  'mention-html': 'cathy-washington',
};

/** The draft04 examples carry this as the hash of the original message; it is not that of the one that is published. */
const hashOfOriginal = '6b44053cb68e3f0cdd219da8d7104afc2ae5ffff782154524cef093de39345a5';

/** An example by its name. */
export function fromScratch(profile: Profile, name: string): MimiContent {
  const draft = drafts[profile];
  const is04 = profile === 'draft04';
  const composer = new Composer({
    profile,
    sender: `mimi://example.com/u/${senders[name] ?? 'alice-smith'}`,
    room: 'mimi://example.com/r/engineering_team',
  });
  const salt = draft.salts[name];
  const options = {
    ...(salt !== undefined && { salt: hex(salt) }),
    lastSeen: (draft.lastSeen[name] ?? []).map(hex),
  };
  const original = { id: hex(draft.ids.original), hash: hex(hashOfOriginal) };
  const answering = { ...options, inReplyTo: original };
  // In draft04 the mentions answer nothing.
  const mentioning = is04 ? options : answering;

  switch (name) {
    case 'original':
      return composer.markdown(
        'Hi everyone, we just shipped release 2.0. __Good  work__!',
        options,
      );
    case 'reply':
      return composer.reply(original, "Right on! _Congratulations_ 'all!", options);
    case 'reaction':
      return composer.react(original, '❤', options);
    case 'mention':
      return composer.markdown(
        `Kudos to ${mention('@Alice Smith', draft.alice)} for making the release happen!`,
        mentioning,
      );
    case 'mention-html':
      return composer.message(
        part.html(
          `<p>Kudos to ${mentionHtml('@Alice Smith', draft.alice)} for making the release happen!</p>`,
        ),
        mentioning,
      );
    case 'edit':
      return composer.edit(
        hex(draft.ids.reply),
        `Right on! _Congratulations_ y'all${is04 ? '' : '!'}`,
        answering,
      );
    // In draft04 the examples of delete and unlike stand in each other's file.
    case is04 ? 'unlike' : 'delete':
      return composer.delete(hex(draft.ids.reply), answering);
    case is04 ? 'delete' : 'unlike':
      return composer.unlike(hex(draft.ids.reaction), original, options);
    case 'expiring':
      return composer.markdown(
        `__*VPN GOING DOWN*__ I'm reboot${is04 ? 'ing' : ''}ing the VPN in ten minutes unless anyone objects.`,
        { ...options, expires: { at: 1_644_390_004_000 } },
      );
    case 'attachment':
      return composer.attachment(attachment(is04), options);
    case 'conferencing':
      return composer.conference(
        { url: 'https://example.com/join/12345', description: 'Join the Foo 118 conference' },
        { ...options, topicId: utf8.encode('Foo 118') },
      );
    case 'multipart-1':
      return composer.message(
        part.multi('chooseOne', [
          part.markdown('# Welcome!', { profile }),
          part.single(
            'application/vnd.examplevendor-fancy-im-message',
            hex('dc861ebaa718fd7c3ca159f71a2001'),
          ),
        ]),
        options,
      );
    case 'multipart-2':
      return reactions(composer, profile, options);
    case 'multipart-3':
      return composer.message(welcome(draft), options);
    default:
      throw new Error(`There is no example ${name}.`);
  }
}

function attachment(is04: boolean): ExternalOptions {
  return {
    disposition: Disposition.attachment,
    language: 'en',
    contentType: 'video/mp4',
    url: is04 ? 'https:example.combigfile.mp4' : 'https://example.com/storage/8ksB4bSrrRE.mp4',
    size: 708_234_961,
    encAlg: 1,
    key: hex(attachedFile),
    nonce: hex('c86cf2c33f21527d1dd76f5b'),
    hashAlg: 1,
    contentHash: hex('9ab17a8cf0890baaae7ee016c7312fcc080ba46498389458ee44f0276e783163'),
    description: '2 hours of key signing video',
    filename: is04 ? '' : 'bigfile.mp4',
  };
}

/** Three reactions that answer nothing; in draft04 they are to be rendered. */
function reactions(composer: Composer, profile: Profile, options: object): MimiContent {
  const disposition = profile === 'draft04' ? Disposition.render : Disposition.reaction;
  const parts = ['❤', '🥳', '🤞'].map((text) => part.text(text, { disposition }));
  return composer.message(part.multi('processAll', parts, { disposition }), options);
}

/** A welcome in two languages with one of two pictures. */
function welcome({ html, pictures: [gif, png] }: Draft) {
  const withPicture = (type: string, cid: number, picture: string) =>
    part.multi('processAll', [
      part.multi('chooseOne', [
        part.html(html('Welcome', cid, 'Welcome image'), { language: 'en' }),
        part.html(html('Bienvenue', cid, 'Image bienvenue'), { language: 'fr' }),
      ]),
      part.single(type, hex(picture), { disposition: Disposition.inline }),
    ]);
  return part.multi('chooseOne', [
    withPicture('image/gif', 5, gif),
    withPicture('image/png', 10, png),
  ]);
}
