// Whether a link says where it leads: draft-ietf-mimi-content-08, "Link and Mention handling".

/** What is wrong with a link: its text looks like another URL, or like an https one where http is linked. */
export type LinkWarning = 'otherUrl' | 'downgrade';

export interface LinkView {
  /** As a reader sees it. */
  readonly text: string;
  /** As it is followed. */
  readonly target: string;
  /** Whether the target is a user or room, so that clients show a mention. */
  readonly mention: boolean;
  readonly warning: LinkWarning | undefined;
}

/** Schemes that a client may follow; links of all others are shown as text. */
const followed = ['http:', 'https:', 'mailto:', 'tel:', 'im:', 'mimi:', 'cid:'];
const mentioned = ['im:', 'mimi:'];

/** Text that a reader takes for a URL: with a scheme, or with a domain or an IPv4 address in front. */
const withScheme = /^[a-z][a-z0-9+.-]*:[/\\]{2}/i;
const withDomain =
  /^(?:(?:[\p{L}\p{M}\p{N}_-]+\.)+(?:\p{L}[\p{L}\p{M}]+|xn--[a-z0-9-]+)|\d{1,3}(?:\.\d{1,3}){3})\.?(?::\d+)?(?:[/\\?#]\S*)?$/iu;
/** What may stand around a URL in a sentence. */
const punctuation = /^[\p{Ps}\p{Pi}"'*_~]+|[\p{Pe}\p{Pf}"'*_~.,;:!]+$/gu;
/** Characters that turn text round, so that it reads otherwise than it is. */
const turning = /[\u202a-\u202e\u2066-\u2069]/u;
/** Characters that are not to be seen. */
const invisible = /[\p{Cf}\p{Cc}]|\u034f|[\u115f\u1160\u3164\uffa0]|\u17b4|\u17b5/gu;
/** Letters of other scripts that look like those of ASCII. */
const lookalikes =
  /[\u0131\u0251\u0261\u0269\u03b1\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u0430\u0433\u0435\u043a\u043e\u043f\u0440\u0441\u0443\u0445\u044c\u0455\u0456\u0458\u0461\u0475\u04ab\u04af\u04bb\u04cf\u0501\u051b\u051d\u0566\u0570\u057d\u0578\u0581\u0585]/gu;

/** A link as it is to be judged; undefined where its target is no absolute URL of a scheme that is followed. */
export function viewLink(text: string, href: string): LinkView | undefined {
  const target = parse(href);
  if (target === undefined || !followed.includes(target.protocol)) return undefined;
  return {
    text,
    target: target.href,
    mention: mentioned.includes(target.protocol),
    warning: warningOf(text, target),
  };
}

function parse(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

function warningOf(text: string, target: URL): LinkWarning | undefined {
  // `https://bank.example@evil.example` shows one domain and leads to another, whatever its text.
  if (target.protocol.startsWith('http') && target.username + target.password !== '') {
    return 'otherUrl';
  }
  if (turning.test(text)) return 'otherUrl';
  const warnings = urlsIn(text).map((shown) => compare(shown, target));
  return warnings.find((warning) => warning === 'otherUrl') ?? warnings.find(Boolean);
}

/** What in a text is taken for a URL: all of it, or among other words what has a scheme or `www.`. */
function urlsIn(text: string): string[] {
  const seen = text.normalize('NFKC').replaceAll(invisible, '');
  const words = seen
    .split(/\s+/)
    .map((word) => word.replaceAll(punctuation, ''))
    .filter((word) => word !== '');
  const isAlone = words.length === 1;
  return words.filter(
    (word) => withScheme.test(word) || ((isAlone || /^www\./i.test(word)) && withDomain.test(word)),
  );
}

function compare(text: string, target: URL): LinkWarning | undefined {
  const shown = parse(withScheme.test(text) ? text : `${target.protocol}//${text}`);
  if (shown === undefined || isImitation(text)) return 'otherUrl';
  if (shown.href === target.href) return undefined;
  if (shown.protocol === 'https:' && target.protocol === 'http:') {
    shown.protocol = 'http:';
    if (shown.href === target.href) return 'downgrade';
  }
  return 'otherUrl';
}

/** Whether a label of the domain is not of ASCII, but looks as if it were. */
function isImitation(url: string): boolean {
  const domain = /^(?:[a-z][a-z0-9+.-]*:[/\\]+)?([^/\\?#]*)/i.exec(url)?.[1] ?? '';
  return domain
    .toLowerCase()
    .split('.')
    .some((label) => !isAscii(label) && isAscii(label.replaceAll(lookalikes, '')));
}

const isAscii = (text: string): boolean => /^[ -~]*$/.test(text);
