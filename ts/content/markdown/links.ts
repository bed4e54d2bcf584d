// Whether a link says where it leads: draft-ietf-mimi-content, "Link and Mention handling".

/** What is wrong with a link: its text looks like another URL, or like an https one where http is linked. */
export type LinkWarning = 'otherUrl' | 'downgrade';

export interface LinkView {
  readonly text: string;
  readonly target: string;
  /** Whether the target is a user or room, so that clients show a mention. */
  readonly mention: boolean;
  readonly warning: LinkWarning | undefined;
}

/** Schemes that a client may follow; all others are shown as text. */
const followed = ['http:', 'https:', 'mailto:', 'tel:', 'im:', 'mimi:', 'cid:'];
const mentioned = ['im:', 'mimi:'];

/** Text that a reader takes for a URL: with a scheme, or a domain with a dot and perhaps a path. */
const looksLikeUrl =
  /^(?:[a-z][a-z0-9+.-]*:\/\/\S+|(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}(?::\d+)?(?:[/?#]\S*)?)$/iu;

/** The target, parsed; undefined where it is no absolute URL of a scheme that is followed. */
export function targetOf(href: string): URL | undefined {
  try {
    const url = new URL(href);
    return followed.includes(url.protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}

/** A link as it is to be judged. Text and target are those that a reader sees and follows. */
export function viewLink(text: string, target: string): LinkView {
  const url = targetOf(target);
  const mention = url !== undefined && mentioned.includes(url.protocol);
  return {
    text,
    target,
    mention,
    warning: url === undefined ? undefined : warningOf(text.trim(), url),
  };
}

function warningOf(text: string, target: URL): LinkWarning | undefined {
  if (!looksLikeUrl.test(text)) return undefined;
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  let shown: URL;
  try {
    shown = new URL(hasScheme ? text : `${target.protocol}//${text}`);
  } catch {
    return 'otherUrl';
  }
  if (shown.href === target.href) return undefined;
  if (shown.protocol === 'https:' && target.protocol === 'http:') {
    shown.protocol = 'http:';
    if (shown.href === target.href) return 'downgrade';
  }
  return 'otherUrl';
}
