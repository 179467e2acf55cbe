// The texts of what opens, over the core's.

import { ENGLISH as CORE, type Plural, textsOf } from "../text.ts";

const ENGLISH = {
  ...CORE,
  resize: "Height of the conversation",
  // Menus
  moreEmoji: "more emoji",
  rename: "Rename",
  titleLabel: "Title of the conversation",
  shortcuts: "Keyboard shortcuts",
  markAllRead: "Mark all read",
  // People
  people: "People",
  active: "Active",
  idle: "Idle",
  offline: "Offline",
  lastSeen: "last seen %1",
  justNow: "just now",
  selfChosen: "Self-chosen name",
  changeName: "Change your name",
  yourName: "Your name",
  assistants: "Assistants",
  peopleAway: { one: "%1 person offline", other: "%1 people offline" },
  loadingPeople: "Loading everyone, %1 of %2…",
  peopleFailed: "Couldn't load everyone.",
  role_viewer: "Viewer",
  role_member: "Member",
  role_moderator: "Moderator",
  role_owner: "Owner",
  // Messages
  copyText: "Copy text",
  markUnread: "Mark unread from here",
  discardEdit: "Discard edit",
  // Emoji
  reactionsFull: "This message has %1 different emoji already. Use one of those.",
  pickEmoji: "Pick an emoji",
  searchEmoji: "Search emoji",
  recent: "Recently used",
  emojiResults: { one: "%1 emoji", other: "%1 emoji" },
  noEmoji: "No emoji for “%1”.",
  skinTone: "Skin tone",
  emojiGroups: "Emoji groups",
  suggestions: { one: "%1 suggestion", other: "%1 suggestions" },
  emojiSuggestions: "Emoji suggestions",
  // Composer
  wrapAsCode: "Wrap as code",
  // Keyboard map
  keysWriting: "Writing",
  keysEverywhere: "Everywhere",
  keyNewLine: "New line",
  keyEditLast: "Edit your last message, when the field is empty",
  keyBold: "Bold",
  keyItalic: "Italic",
  keyLink: "Link",
  keyEmoji: "Emoji, with two letters of its name",
  keyToList: "To the messages",
  keyUpDown: "Previous, next message",
  keyHomeEnd: "First, last loaded message",
  keyPage: "One screen up, down",
  keyHelp: "Keyboard shortcuts, outside the field",
  keySave: "Save the notebook",
  keyHeight: "Change the height, on the bottom edge",
  keyDiscard: "Discard an edit that waits",
  keyInto: "Into the message's buttons",
  keyToField: "To the field",
  keyLatest: "To the latest message",
  keyLeave: "Back to the notebook",
} as const satisfies Readonly<Record<string, string | Plural>>;

export type TextKey = keyof typeof ENGLISH;

export const t = textsOf(ENGLISH);
