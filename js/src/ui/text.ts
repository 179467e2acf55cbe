// Every text of the core, in one place; the chunks have one like it. `%1` is a parameter; an entry
// with several plural forms picks one by its first parameter. Must not know where a text is shown.

export type Plural = { readonly one: string; readonly other: string };

export const ENGLISH = {
  // Frame
  loadingStill: "Still loading…",
  loading: "Loading the conversation",
  loadFailed: "Couldn't connect to this conversation: %1 Your text is kept.",
  loadOffline: "you are offline.",
  loadSilent: "the server doesn't answer.",
  retry: "Retry",
  savedNotebook: "Live chat isn't available in a saved notebook.",
  notEnabled: "jupyter_collab isn't enabled on this server.",
  notEnabledHint: "Run this where the server runs, then restart it:",
  failed: "Something went wrong while showing this conversation.",
  failedHint: "Your text is kept.",
  couldntLoad: "Couldn't load %1.",
  formatting: "formatting",
  menus: "the menus",
  // Header
  header: "Conversation",
  renameTip: "%1. Click to rename",
  more: "More",
  moreActions: "More actions",
  unreadBadge: { one: "%1 unread message", other: "%1 unread messages" },
  manyUnread: "99+",
  save: "Save",
  cancel: "Cancel",
  close: "Close",
  // People
  peopleHere: { one: "%1 person here", other: "%1 people here" },
  peopleBefore: { one: "%1 person was here", other: "%1 people were here" },
  morePeople: "+%1",
  you: "You",
  youSuffix: "%1 (you)",
  assistant: "Assistant",
  selfChosenTip: "This person typed the name; the server does not vouch for it.",
  someone: "Someone",
  // Message list
  messages: "Messages",
  today: "Today",
  yesterday: "Yesterday",
  newDivider: "New",
  latest: "Latest",
  newMessages: { one: "%1 new message", other: "%1 new messages" },
  unreadAbove: { one: "%1 unread", other: "%1 unread" },
  loadingOlder: "Loading older messages",
  olderFailed: "Couldn't load older messages.",
  beginning: "This is the beginning of %1.",
  pruned: "Older messages were removed.",
  createdBy: "Created %1 by %2.",
  joined: "%1 joined",
  peopleJoined: { one: "%1 person joined", other: "%1 people joined" },
  renamed: "%1 renamed the conversation to “%2”",
  nowCalled: "%1 is now called %2",
  restored: "This conversation was restored from a backup.",
  changes: { one: "%1 change", other: "%1 changes" },
  empty: "No messages yet. Say hello.",
  emptyViewer: "No messages yet.",
  alone: "Only you are here.",
  suggestHello: "Say hello",
  suggestHelloText: "Hello everyone! 👋",
  suggestShare: "Share what you're working on",
  suggestShareText: "I'm working on ",
  suggestAsk: "Ask a question",
  suggestAskText: "Can someone help me with ",
  // Message
  messageLabel: "%1, %2",
  edited: "(edited)",
  editedTip: "Edited %1",
  deleted: "Message deleted",
  sending: "Sending…",
  waitingToSend: "Waiting for connection",
  waitingForSignIn: "Waiting for you to sign in",
  waitingForYou: "Waiting for your answer below",
  notSent: "Not sent: %1",
  edit: "Edit",
  delete: "Delete",
  deleteAsk: "Delete this message?",
  deletedToast: { one: "Message deleted.", other: "%1 messages deleted." },
  discardedToast: "Edit discarded.",
  undo: "Undo",
  react: "React",
  reactWith: "React with %1",
  reply: "Reply",
  copy: "Copy",
  copied: "Copied",
  toolbar: "Message actions",
  showMore: "Show more",
  showLess: "Show less",
  brokenMessage: "Couldn't display this message.",
  showSource: "Show source",
  replyTo: "In reply to",
  notLoaded: "An earlier message",
  interrupted: "Interrupted",
  stopped: "Stopped",
  code: "Code",
  // Reactions
  reactions: "Reactions",
  reactedWith: "%1 reacted with %2",
  youClickToRemove: "You (click to remove)",
  andOthers: { one: "%1 other", other: "%1 others" },
  moreReactions: "+%1 more",
  addReaction: "Add a reaction",
  // Composer
  composer: "Write a message",
  composerIn: "Message %1",
  editing: "Editing message",
  replyingTo: "Replying to %1",
  stopReplying: "Stop replying",
  send: "Send",
  emoji: "Emoji",
  charactersLeft: { one: "%1 character left", other: "%1 characters left" },
  shortenBy: { one: "Shorten by %1 character", other: "Shorten by %1 characters" },
  slowDown: "You can send again in %1 s",
  slowDownSaid: "You can send again soon",
  tooLong: "The message is too long.",
  readOnly: "You can read this conversation but not write.",
  typing: { one: "%2 is typing…", other: "%2 are typing…" },
  typingSeveral: "Several people are typing…",
  failedBar: { one: "%1 message not sent.", other: "%1 messages not sent." },
  retryAll: "Retry all",
  deleteAll: "Delete all",
  askOld: { one: "Send %1 message written %2?", other: "Send %1 messages written %2?" },
  writtenAt: "%1 at %2",
  yesterdayAt: "yesterday at %1",
  discard: "Discard",
  pageOnly: "This browser keeps unsent messages only until this page is closed.",
  queueFull: "No more messages can wait to be sent. Your text is kept.",
  // Connection
  connection: "Connection",
  lost: "Connection lost.",
  tryingIn: "Trying again in %1 s.",
  trying: "Trying again…",
  retryNow: "Retry now",
  offlineBanner: "You're offline. Messages will be sent when you're back.",
  backOnline: "Back online",
  signedOut: "You're signed out. Your text is kept.",
  signIn: "Sign in",
  outdated: "Reload to update. Your text is kept.",
  reload: "Reload",
  ended: "%1 Your text is kept.",
  disconnected: "Disconnected. Messages are neither sent nor received.",
  // Announcements
  announceMessage: "%1: %2",
  announceMany: { one: "%1 new message", other: "%1 new messages" },
  dismiss: "Dismiss",
  couldntSend: "Couldn't send.",
  couldntEdit: "Couldn't save the edit.",
  couldntDelete: "Couldn't delete.",
  couldntReact: "Couldn't react.",
  couldntRename: "Couldn't rename.",
} as const satisfies Readonly<Record<string, string | Plural>>;

export type TextKey = keyof typeof ENGLISH;

/** The viewer's, for dates and numbers; the texts themselves are English so far. */
export const locale = knownLocale(globalThis.navigator?.language);

const plurals = new Intl.PluralRules("en");
const numbers = new Intl.NumberFormat(locale);
const lists = new Intl.ListFormat("en-GB"); // British, for "Bo, Cy and Di"

/** What shows the texts of one table, for the core's or for a chunk's. */
export function textsOf<Key extends string>(table: Readonly<Record<Key, string | Plural>>) {
  return (key: Key, ...values: readonly (string | number)[]): string => {
    const entry: string | Plural = table[key];
    const pattern = typeof entry === "string" ? entry : entry[form(values[0])];
    return pattern.replace(/%(\d)/g, (_, index: string) => show(values[Number(index) - 1]));
  };
}

export const t = textsOf(ENGLISH);

/** "Bo, Cy and Di", as the language of the texts joins names. */
export function joinNames(names: readonly string[]): string {
  return lists.format(names);
}

export function number(value: number): string {
  return numbers.format(value);
}

/** Some browsers name their language in words of their own, which `Intl` refuses: "en_US.utf8". */
export function knownLocale(name = "en"): string {
  try {
    return new Intl.Locale(name).toString();
  } catch {
    return "en";
  }
}

function form(count: string | number | undefined): keyof Plural {
  return typeof count === "number" && plurals.select(count) === "one" ? "one" : "other";
}

function show(value: string | number | undefined): string {
  return typeof value === "number" ? number(value) : (value ?? "");
}
